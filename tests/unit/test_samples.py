"""Samples as they come: branches that their files call otherwise, weights of their own, a first look at some."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot
from helpers import KINDS, branches, run_features, steps, table_of, write_ntuple
from pyarrow import csv
from snakeroot import plan
from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.report import summaries
from snakeroot.split.__main__ import split
from snakeroot.split.audit import examine
from snakeroot.split.settings import SPLITS, AuditSettings, SplitSettings
from tasks import TASK, edited, load, refused, settings

ENTRIES = 100

UNTRAPPED = {"traps": {"named": {}, "separating": {}, "sentinels": {}, "few": {}}}


@pytest.fixture
def project(tmp_path, monkeypatch) -> None:
    """Three ntuples below the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / f"data/{name}.root").touch()


def features_of(text: str, sample: str = "zz") -> list[dict[str, object]]:
    found = load(text)
    return [settings(plan.features.features(found, "task0", sample, part)) for part in found.parts["task0"][sample]]


# ---- aliases


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_calls_branches_otherwise_gives_the_same_table(tmp_path, kind) -> None:
    known = branches(ENTRIES)
    renamed = {"Run": "run", "evt": "event", "Jet_pt": "pt", "mc_w": "w", "label": "name"}
    other = {
        **{new: known[old] for new, old in renamed.items()},
        **{name: known[name] for name in known if name not in renamed.values()},
    }
    task = {"features": {"ht": "sum(pt)", "x": "x"}, "weight": "abs(w)", "spectators": ["name"]}
    aliases = {old: new for new, old in renamed.items()}
    first = run_features(write_ntuple(tmp_path / "one/n.root", known, kind), **task)
    second = run_features(write_ntuple(tmp_path / "other/n.root", other, kind), **task, aliases=aliases)
    assert first[0].equals(second[0])
    assert first[1] == second[1]


def test_two_names_may_mean_one_branch_and_two_branches_may_swap(tmp_path) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(ENTRIES))
    found, _ = run_features(ntuple, features={"x": "w", "w2": "x", "y": "y"}, aliases={"x": "w", "w": "x", "y": "x"})
    plain, _ = run_features(ntuple, features={"x": "x", "w2": "w", "y": "x"})
    for name in ("x", "w2", "y"):
        assert found[name].equals(plain[name])


def test_rows_are_objects_of_a_collection_by_either_name(tmp_path) -> None:
    known = branches(ENTRIES)
    ntuple = write_ntuple(tmp_path / "n.root", {"run": known["run"], "event": known["event"], "jets_pT": known["pt"]})
    for name, collection in (("Jet_pt", "Jet"), ("momentum", "jets")):
        found, _ = run_features(ntuple, rows=collection, features={"x": name}, aliases={name: "jets_pT"})
        assert found["x"].to_pylist() == ak.flatten(known["pt"]).to_list()


def test_a_branch_that_is_not_there_is_named_as_the_file_should_call_it(tmp_path) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(ENTRIES))
    with pytest.raises(SnakerootError, match="no branch 'Jet_pt' in 'events'"):
        run_features(ntuple, features={"x": "sum(pt)"}, aliases={"pt": "Jet_pt"})


def test_aliases_are_of_their_sample_alone(project) -> None:
    text = edited("samples.zz.branches", {"pt": "Jet_pt", "event": "evt"})
    assert {str(one["aliases"]) for one in features_of(text)} == {"{'event': 'evt', 'pt': 'Jet_pt'}"}
    assert all("aliases" not in one for one in [*features_of(text, "vbf"), *features_of(TASK)])
    refused(
        r"samples\.zz\.branches\.tp: no expression of the task has the name 'tp'",
        edited("samples.zz.branches", {"tp": "x"}),
    )


def test_any_sample_may_have_a_weight_of_its_own(project) -> None:
    text = edited(
        "samples.zz.weight", "genWeight / 1000", edited("samples.vbf.weight", 1, edited("weight", "f_weight"))
    )
    assert {one["weight"] for one in features_of(text)} == {"genWeight / 1000"}
    assert {one["weight"] for one in features_of(text, "vbf")} == {"1"}


# ---- limits


@pytest.mark.parametrize("chunk", [7, 30, 1000])
@pytest.mark.parametrize("kind", [*KINDS, "HDF5", "Parquet", "CSV"])
def test_the_first_entries_stand_for_all(tmp_path, kind, chunk) -> None:
    known = {name: values for name, values in branches(ENTRIES).items() if name != "pt"}
    task = {"features": {"x": "x"}, "weight": "1 + x * 0", "chunk": chunk, "selection": "n > 0"}
    if kind == "HDF5":
        ntuple = tmp_path / "n.h5"
        with h5py.File(ntuple, "w") as file:
            for name in ("run", "event", "x", "n"):
                file[f"events/{name}"] = np.asarray(known[name])
    elif kind in KINDS:
        ntuple = write_ntuple(tmp_path / "n.root", known, kind)
    else:
        table = pa.table({name: np.asarray(known[name]) for name in ("run", "event", "x", "n")})
        ntuple, task["tree"] = tmp_path / f"n.{kind.lower()}", None
        (pq.write_table if kind == "Parquet" else csv.write_csv)(table, ntuple)
    whole, _ = run_features(ntuple, **task)
    found, flow = run_features(ntuple, **task, limit=30)
    entries = [entry for entry in whole["entry"].to_pylist() if entry < 30]
    assert found["entry"].to_pylist() == entries
    assert found["x"].to_pylist() == whole["x"].to_pylist()[: len(entries)]
    assert found["weight"].to_pylist() == pytest.approx([1 / 0.3] * len(entries))
    assert (steps(flow)["read"], flow["share"]) == (30, 0.3)
    assert flow["steps"][0]["weight"] == pytest.approx(100)


@pytest.mark.parametrize("limit", [ENTRIES, 10 * ENTRIES])
def test_a_limit_that_is_not_reached_changes_nothing(tmp_path, limit) -> None:
    ntuple = write_ntuple(tmp_path / "n.root", branches(ENTRIES))
    assert run_features(ntuple, limit=limit) == run_features(ntuple)


def test_a_sample_shares_its_limit_out_among_its_files(project) -> None:
    text = edited("limit", 100)
    assert [one["limit"] for one in features_of(text)] == [34, 34, 34]
    assert [one["limit"] for one in features_of(edited("samples.zz.limit", 3, text))] == [1, 1, 1]
    assert all("limit" not in one for one in features_of(TASK))
    refused(r"limit: .*greater than 0", edited("limit", 0))


def test_the_report_says_first_what_is_not_read() -> None:
    part = {"rounded": {}, "steps": [{"step": "read", "entries": 30}]}
    parts = [{**part, "sample": "zz", "share": 0.3}, {**part, "sample": "zz"}, {**part, "sample": "vbf"}]
    assert summaries.warnings(parts, UNTRAPPED) == [
        "only 60 of 130 entries of zz are read (limit); their weights stand for all"
    ]


# ---- predefined splits


def by_column(folder, flags, **wanted):
    """Split rows by a branch of these values; return the entries of each split."""
    known = {name: values for name, values in branches(len(flags)).items() if name != "pt"}
    ntuple = write_ntuple(folder / "n.root", {**known, "flag": ak.Array(flags)})
    run_features(ntuple, split="flag")
    files = [folder / f"{name}.parquet" for name in SPLITS]
    wanted = {"column": "flag", "train": 0, "validation": 1, "test": 2} | wanted
    split(
        SplitSettings.model_validate({"fractions": wanted, "fold": 0, "group": ["event"]}),
        folder / "output/table.parquet",
        *files,
    )
    return [tables.read(file)["entry"].to_pylist() for file in files]


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        (np.array([0, 1, 2, 0, 3], np.uint8), {"test": [2, 3]}),
        (np.array([0.0, 1.0, 2.0, 0.0, 2.0]), {}),
        (["t", "v", "x", "t", "x"], {"train": "t", "validation": "v", "test": "x"}),
    ],
)
def test_a_branch_says_the_splits(tmp_path, flags, wanted) -> None:
    assert by_column(tmp_path, flags, **wanted) == [[0, 3], [1], [2, 4]]


def test_a_value_of_no_split_is_refused(tmp_path) -> None:
    with pytest.raises(
        SnakerootError, match=r"the branch 'flag' \(split.column\) is 7 in 2 rows, which is no value of"
    ):
        by_column(tmp_path, np.array([0, 7, 1, 2, 7]))
    assert not list(tmp_path.glob("*.parquet"))


def test_the_spec_of_a_part_says_the_split_of_its_files(project) -> None:
    files = {"train": ["data/a.root"], "validation": ["data/b.root"], "test": ["data/c.root"]}
    text = edited("samples.zz.files", files, edited("samples.vbf", {"class": "signal", "files": files, "tree": "vbf"}))
    text = edited(
        "luminosity", None, edited("samples.zz.cross_section", None, edited("samples.zz.generated", None, text))
    )
    found = load(text)
    for sample in ("vbf", "zz"):
        parts = found.parts["task0"][sample]
        assert {parts[part]: split for part, split in found.splits["task0"][sample].items()} == {
            "data/a.root": "train",
            "data/b.root": "validation",
            "data/c.root": "test",
        }
        assert [settings(plan.split.split(found, "task0", sample, part, "0"))["whole"] for part in parts] == [*SPLITS]
    assert settings(plan.split.audit(found, "task0"))["predefined"]
    refused(r":\d+: split: the files of 'vbf' say the splits already", edited("split", {"train": 0.6}, text))
    refused(
        r"samples\.zz\.files: its files are of no split, but those of 'vbf' are",
        edited("samples.zz.files", ["data/*.root"], text),
    )
    refused(r"samples\.zz\.files\.validation", edited("samples.zz.files", {"train": ["a"], "test": ["b"]}, text))
    refused(r"samples\.zz: 'data/no\.root' matches no file", edited("samples.zz.files.test", ["data/no.root"], text))


def test_a_file_for_each_split_sends_all_of_its_rows_there(tmp_path) -> None:
    run_features(write_ntuple(tmp_path / "n.root", branches(ENTRIES)))
    files = [tmp_path / f"{name}.parquet" for name in SPLITS]
    known = SplitSettings.model_validate({"fractions": {}, "whole": "validation", "fold": 0, "group": ["event"]})
    split(known, tmp_path / "output/table.parquet", *files)
    assert [tables.read(file).num_rows for file in files] == [0, ENTRIES, 0]


def test_the_column_of_the_split_is_for_samples_that_are_split(project) -> None:
    wanted = {"column": "flag", "train": [0], "validation": [1], "test": ["two"]}
    text = edited("split", wanted, edited("samples.data", {"files": ["data/*.root"], "tree": "d", "data": True}))
    assert {one["split"] for one in features_of(text)} == {"flag"}
    assert all("split" not in one for one in [*features_of(text, "data"), *features_of(TASK)])
    assert load(text).folds("task0") == ["0"]
    refused(r"split\.test\.0: 1 is of validation already", edited("split.test", [1], text))
    refused(r"split: unknown key 'folds'", edited("split.folds", 3, text))


def test_an_event_in_two_predefined_splits_is_refused() -> None:
    tables_of = {name: table_of("zz", id_event=[number, 7 * (number > 0) + 1]) for number, name in enumerate(SPLITS)}
    known = AuditSettings(folds=1, event_id=["event"], classes={"zz": "background"}, predefined=True)
    with pytest.raises(SnakerootError, match="events are in two splits of fold 0: the predefined splits share them"):
        examine([tables_of], known)


# ---- events that are identified by their entries


def test_file_and_entry_identify_an_event(tmp_path, project) -> None:
    found = load(edited("event_id", "entry"))
    [first, *_] = found.parts["task0"]["zz"]
    wanted = settings(plan.features.features(found, "task0", "zz", first))
    ntuple = write_ntuple(tmp_path / "n.root", branches(ENTRIES))
    table, flow = run_features(ntuple, event_id=wanted["event_id"], part=first, chunk=7, selection="n > 0")
    assert table["id_(file)"].unique().to_pylist() == [first]
    assert table["id_(entry)"].to_pylist() == table["entry"].to_pylist()
    assert flow["event_id"] == "entry"
    assert "event_id" not in run_features(ntuple)[1]
    part = {"rounded": {}, "sample": "zz", "steps": [{"step": "read", "entries": 1}], "event_id": "entry"}
    assert summaries.warnings([part, part], UNTRAPPED) == [summaries.BY_ENTRY]
    refused(r"event_id: .*list", edited("event_id", "event"))


# ---- patterns


@pytest.mark.parametrize("kind", [*KINDS, "HDF5"])
def test_a_pattern_is_refused_with_what_it_matches(project, kind) -> None:
    columns = {name: np.zeros(2) for name in ("event", "lept2_pt", "lept1_pt", "lept1_eta", "jet_pt")}
    path = Path("data/b.h5" if kind == "HDF5" else "data/a.root")
    if kind == "HDF5":
        with h5py.File(path, "w") as file:
            for name, values in columns.items():
                file[f"HZZ4LeptonsAnalysisReduced/{name}"] = values
    else:
        with uproot.recreate(path) as file:
            file.mktree("HZZ4LeptonsAnalysisReduced", columns) if kind == "TTree" else file.mkrntuple(
                "HZZ4LeptonsAnalysisReduced", columns
            )
    text = edited("features", {"ht": "sum(pt)", "lept*_pt": "x"}, edited("samples.zz.files", [str(path)]))
    refused(
        rf"^tasks/task0.yaml:\d+:\d+: features: the pattern 'lept\*_pt' is not expanded, .*: write out what matches in "
        rf"{path}: \{{(lept1_pt: lept1_pt, lept2_pt: lept2_pt|lept2_pt: lept2_pt, lept1_pt: lept1_pt)\}}$",
        text,
    )
    refused(
        rf"'muon\?_pt' is not expanded, .*; nothing matches it in {path}$", edited("features", {"muon?_pt": "x"}, text)
    )


def test_a_pattern_without_a_file_to_look_at_is_refused_all_the_same(project) -> None:
    refused(r"features: the pattern 'lept\*_pt' is not expanded, as a run must", edited("features", {"lept*_pt": "x"}))
    text = edited("samples.zz.files", ["nowhere/*.root"], edited("features", {"lept*_pt": "x"}))
    refused(r"'lept\*_pt' is not .* cannot be said: samples\.zz\.files: 'nowhere/\*\.root' matches no file", text)
    Path("data/damaged.root").write_bytes(b"root" + bytes(99))
    text = edited("samples.zz.files", ["data/damaged.root"], edited("features", {"lept*_pt": "x"}))
    refused(r"'lept\*_pt' is not .* cannot be said: data/damaged\.root: no tree", text)
    refused(r"'lept\*_pt' is not", edited("samples.zz.files", {"train": 3}, edited("features", {"lept*_pt": "x"})))
