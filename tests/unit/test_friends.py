"""Friends: the scores of every entry of an ntuple, in its order, counted and read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pytest
import uproot
from helpers import branches, features_settings, write_ntuple
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import digest
from snakeroot.friends import __main__ as stage
from snakeroot.friends.__main__ import friends
from snakeroot.friends.settings import FriendsSettings, Part

KINDS = ("TTree", "RNTuple")


def predictions(path: Path, of: dict[str, list[int]], replicas: int = 1, objects: list[int] | None = None) -> Path:
    """Write combined predictions of these entries, by part: the score of an entry is its number / 1000."""
    parts = [part for part, entries in of.items() for _ in entries]
    entry = np.array([number for entries in of.values() for number in entries], np.int64)
    count = len(entry)
    columns: dict[str, Any] = {
        "id_event": pa.array(entry),
        "sample": pa.array(["signal"] * count, pa.string()).dictionary_encode(),
        "part": pa.array(parts, pa.string()).dictionary_encode(),
        "entry": pa.array(entry),
    }
    if objects is not None:
        columns["object"] = pa.array(objects, pa.int64())
    columns |= {
        "target": pa.array([1] * count, pa.int8()),
        "fold": pa.array(entry % 2).cast(pa.int8()),
        "weight": pa.array(np.ones(count)),
    }
    score = entry / 1000 + (0 if objects is None else np.array(objects) / 10)
    columns |= {f"score_{replica}": pa.array(score) for replica in range(replicas)} | {"score": pa.array(score)}
    columns |= {"score_spread": pa.array(score / 2)} if replicas > 1 else {}
    table = pa.table(columns)
    tables.write([table], table.schema, path)
    return path


def run(folder: Path, ntuples: dict[str, Path], files: dict[str, Path], kind: str = "TTree", **changed: Any) -> Path:
    settings = FriendsSettings(
        model="my-net",
        features=features_settings(**changed, target=None),
        parts=[Part(part=part) for part in ntuples],
        splits=list(files),  # type: ignore[arg-type]
        format=kind,  # type: ignore[arg-type]
    )
    friends(settings, list(ntuples.values()), list(files.values()), folder / "friends")
    return folder / "friends"


@pytest.mark.parametrize("kind", KINDS)
def test_each_entry_has_its_score_its_identity_its_split_and_its_fold(tmp_path: Path, kind: str) -> None:
    files = {part: write_ntuple(tmp_path / f"{part}.root", branches(300, seed)) for seed, part in enumerate("ab")}
    scored = {
        "train": predictions(tmp_path / "train.parquet", {"b": list(range(100)), "a": [7, 5]}, replicas=2),
        "test": predictions(tmp_path / "test.parquet", {"a": [299, 0]}, replicas=2),
    }
    folder = run(tmp_path, files, scored, kind)
    with uproot.open(folder / "a.root") as file:
        found = file["events"].arrays(library="np")
    np.testing.assert_array_equal(found["event"], np.arange(300))
    at = [0, 5, 7, 299]
    expected = np.full(300, np.nan)
    expected[at] = np.array(at) / 1000
    np.testing.assert_array_equal(found["my_net_score"], expected)
    np.testing.assert_array_equal(found["my_net_score_spread"], expected / 2)
    assert np.flatnonzero(found["my_net_selected"]).tolist() == at
    assert found["my_net_split"][at].tolist() == [2, 0, 0, 2]
    assert found["my_net_fold"][at].tolist() == [0, 1, 1, 1]
    assert (np.delete(found["my_net_fold"], at) == -1).all()
    with uproot.open(folder / "b.root") as file:
        assert file["events"]["my_net_selected"].array(library="np").sum() == 100
    manifest = read_json(folder / "manifest.json")
    assert manifest["parts"]["a"] == {
        "ntuple": str(files["a"]),
        "entries": 300,
        "rows": 300,
        "scored": 4,
        "checksum": digest(files["a"], "sha256"),
        "content": manifest["parts"]["a"]["content"],
    }


def test_the_content_is_the_same_whatever_the_chunks_and_the_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = branches(300) | {"name": ak.Array([f"é{number}" * (number % 3) for number in range(300)])}
    files = {"a": write_ntuple(tmp_path / "a.root", columns)}
    scored = {"test": predictions(tmp_path / "test.parquet", {"a": list(range(0, 300, 7))})}
    contents = set()
    for number, (kind, chunk) in enumerate([("TTree", 1000), ("RNTuple", 1000), ("TTree", 64)]):
        monkeypatch.setattr(stage, "CHUNK", chunk)
        folder = run(tmp_path / str(number), files, scored, kind, event_id=["event", "name"])
        contents.add(read_json(folder / "manifest.json")["parts"]["a"]["content"])
    assert len(contents) == 1


@pytest.mark.parametrize("entries", [1, 65_536, 1_048_577])
def test_all_numbers_of_entries(tmp_path: Path, entries: int) -> None:
    event = np.arange(entries)
    with uproot.recreate(tmp_path / "a.root") as file:
        tree = file.mktree("events", {"run": np.int32, "event": np.int64, "x": np.float32})
        for some in np.array_split(event, 3):  # several baskets, and clusters
            if len(some):
                tree.extend({"run": np.ones(len(some), np.int32), "event": some, "x": some.astype(np.float32)})
    scored = {"test": predictions(tmp_path / "test.parquet", {"a": [entries - 1]})}
    folder = run(tmp_path, {"a": tmp_path / "a.root"}, scored)
    with uproot.open(folder / "a.root") as file:
        found = file["events"].arrays(["event", "my_net_selected"], library="np")
    np.testing.assert_array_equal(found["event"], event)
    assert np.flatnonzero(found["my_net_selected"]).tolist() == [entries - 1]


@pytest.mark.parametrize("kind", KINDS)
def test_objects_are_lists(tmp_path: Path, kind: str) -> None:
    sizes = [2, 0, 3, 1]
    jets = ak.unflatten(np.arange(6.0), sizes)
    write_ntuple(tmp_path / "a.root", {"run": np.ones(4, int), "event": np.arange(4), "Jet_pt": jets})
    scored = {"test": predictions(tmp_path / "test.parquet", {"a": [2, 0, 2]}, objects=[2, 1, 0])}
    folder = run(tmp_path, {"a": tmp_path / "a.root"}, scored, kind, rows="Jet", features={"pt": "Jet_pt"})
    with uproot.open(folder / "a.root") as file:
        found = file["events"].arrays()
    score = found["Jet_my_net_score"] if kind == "TTree" else found["Jet"]["my_net_score"]
    assert ak.num(score).to_list() == sizes
    assert ak.nan_to_num(score, nan=-1).to_list() == [[-1, 0.1], [], [0.002, -1, 0.202], [-1]]
    assert read_json(folder / "manifest.json")["parts"]["a"]["rows"] == 6


def test_events_that_are_known_by_their_entries(tmp_path: Path) -> None:
    write_ntuple(tmp_path / "a.root", {"x": np.arange(3.0)})
    scored = {"unlabelled": predictions(tmp_path / "u.parquet", {"a": [1]})}
    folder = run(tmp_path, {"a": tmp_path / "a.root"}, scored, event_id=["(file)", "(entry)"])
    with uproot.open(folder / "a.root") as file:
        found = file["events"].arrays(library="np")
    assert found["entry"].tolist() == [0, 1, 2]
    assert found["my_net_split"].tolist() == [-1, 3, -1]


def test_a_file_with_fewer_entries_than_were_scored_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    files = {"a": write_ntuple(tmp_path / "a.root", branches(20))}
    scored = {"test": predictions(tmp_path / "test.parquet", {"a": [3, 20]})}
    with pytest.raises(SnakerootError, match=r"a\.root: predictions are of entries that it does not have"):
        run(tmp_path, files, scored)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.root", "test.parquet"]


def test_what_cannot_be_read_back_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a": write_ntuple(tmp_path / "a.root", branches(20))}
    scored = {"test": predictions(tmp_path / "test.parquet", {"a": [3]})}
    writer = stage.output.written

    def damaging(*arguments: Any) -> Any:
        context = writer(*arguments)
        write = context.__enter__()

        class Context:
            def __enter__(self) -> Any:
                return lambda columns: write({**columns, "event": columns["event"] + 1})

            def __exit__(self, *details: Any) -> None:
                context.__exit__(None, None, None)

        return Context()

    monkeypatch.setattr(stage.output, "written", damaging)
    with pytest.raises(SnakerootError, match=r"a\.root: what was read back is not what was written"):
        run(tmp_path, files, scored)
