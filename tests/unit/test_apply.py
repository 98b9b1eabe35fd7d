"""Apply: an exported model scores any ntuple by itself, every entry of it, as the workflow's predictions do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot
from exports import exported
from helpers import branches, run_features, write_ntuple
from snakeroot.apply import __main__ as command
from snakeroot.apply.model import load
from snakeroot.data.identity import event_hash
from snakeroot.errors import SnakerootError
from snakeroot.networks.network import load as load_network
from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.rows import matrix
from snakeroot.networks.scoring import score
from snakeroot.settings import ID
from snakeroot.split.__main__ import assign
from snakeroot.split.settings import Fractions

ENTRIES = 500


def run(*arguments: Any) -> None:
    """The command, in this process."""
    *models, ntuple, out = arguments
    command.apply(models=list(models), ntuple=str(ntuple), scored=out)


@pytest.fixture
def ntuple(tmp_path: Path) -> Path:
    return write_ntuple(tmp_path / "a.root", branches(ENTRIES))


def predicted(path: Path, table: pa.Table, number: int = 0) -> Any:
    network = load_network(path / f"{number}.safetensors", path / f"{number}.json")
    return score(network, matrix(table, network.inputs), OBJECTIVES.load("binary").predictions)[:, 0]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the feature x."""
    folder = tmp_path_factory.mktemp("plain")
    [model], _ = exported(folder, write_ntuple(folder / "a.root", branches(ENTRIES)), chunk=10_000, selection="x > -99")
    return model


@pytest.mark.parametrize("kind", ["TTree", "RNTuple"])
def test_every_entry_is_there_in_its_order_with_the_scores_of_torch(tmp_path: Path, ntuple: Path, kind: Any) -> None:
    models, _ = exported(tmp_path, ntuple, selection="x > 0", features={"x": "x", "ht": "sum(pt)"}, chunk=64)
    command.apply(models=models, ntuple=str(ntuple), scored=tmp_path / "s.root", kind=kind)
    with uproot.open(tmp_path / "s.root") as file:
        found = file["events"].arrays(library="np")
    assert sorted(found) == ["event", "net_fold", "net_score", "net_selected", "run"]
    x = branches(ENTRIES)["x"].to_numpy()
    np.testing.assert_array_equal(found["event"], np.arange(ENTRIES))
    np.testing.assert_array_equal(found["net_selected"], x > 0)
    np.testing.assert_array_equal(found["net_fold"], np.where(x > 0, 0, -1))
    np.testing.assert_array_equal(np.isnan(found["net_score"]), x <= 0)
    table, _ = run_features(ntuple, selection="x > 0", features={"x": "x", "ht": "sum(pt)"})
    np.testing.assert_allclose(found["net_score"][x > 0], predicted(tmp_path, table), atol=1e-6)


def test_parquet_in_and_out_and_the_event_identity_as_it_is(tmp_path: Path) -> None:
    columns = {"event": np.arange(2**63, 2**63 + 5, dtype=np.uint64), "name": list("abcde"), "x": np.arange(5.0)}
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    more = {"event_id": ["event", "name"], "features": {"x": "x"}, "tree": None}
    models, _ = exported(tmp_path, tmp_path / "a.parquet", **more, readings={"any": {"tree": None}})
    run(*models, tmp_path / "a.parquet", tmp_path / "s.parquet")
    found = pq.read_table(tmp_path / "s.parquet")
    assert found["event"].to_pylist() == columns["event"].tolist()
    assert found["name"].to_pylist() == columns["name"]
    assert found["net_score"].null_count == 0


def test_objects_are_lists_of_their_entries(tmp_path: Path) -> None:
    sizes = [2, 0, 3, 1]
    jets = {name: ak.unflatten(np.arange(6.0) + shift, sizes) for name, shift in (("Jet_pt", 0), ("Jet_eta", 9))}
    write_ntuple(tmp_path / "a.root", {"run": np.ones(4, int), "event": np.arange(4), **jets})
    more = {"rows": "Jet", "features": {"pt": "Jet_pt", "eta": "Jet_eta"}, "selection": "Jet_pt > 1", "chunk": 2}
    models, _ = exported(tmp_path, tmp_path / "a.root", **more)
    run(*models, tmp_path / "a.root", tmp_path / "s.root")
    with uproot.open(tmp_path / "s.root") as file:
        found = file["events"].arrays()
    assert ak.num(found["Jet_net_score"]).to_list() == sizes
    assert found["Jet_net_selected"].to_list() == [[False, False], [], [True] * 3, [True]]
    table, _ = run_features(tmp_path / "a.root", **more)
    scored = ak.flatten(found["Jet_net_score"]).to_numpy()
    np.testing.assert_allclose(scored, [np.nan, np.nan, *predicted(tmp_path, table)], atol=1e-6)


def test_with_folds_each_event_is_scored_by_the_network_that_has_not_seen_it(tmp_path: Path, ntuple: Path) -> None:
    models, settings = exported(tmp_path, ntuple, folds=3)
    run(models[2], models[0], models[1], ntuple, tmp_path / "s.root")
    with uproot.open(tmp_path / "s.root") as file:
        found = file["events"].arrays(library="np")
    table, _ = run_features(ntuple)
    hashes = event_hash(table, settings.event_id)
    for fold in range(3):
        tested = assign(hashes, Fractions(folds=3), fold) == 2
        assert tested.sum() > 50
        np.testing.assert_array_equal(found["net_fold"] == fold, tested)
        np.testing.assert_allclose(found["net_score"][tested], predicted(tmp_path, table, fold)[tested], atol=1e-6)
    with pytest.raises(
        SnakerootError, match=r"of a model with 3 folds, and these were given: 1 \(.*model-fold1.onnx\)"
    ):
        run(models[1], ntuple, tmp_path / "t.root")


def test_replicas_give_their_mean_and_spread(tmp_path: Path, ntuple: Path) -> None:
    models, _ = exported(tmp_path, ntuple, replicas=3)
    run(*models, ntuple, tmp_path / "s.root")
    with uproot.open(tmp_path / "s.root") as file:
        found = file["events"].arrays(library="np")
    table, _ = run_features(ntuple)
    of_each = np.stack([predicted(tmp_path, table, number) for number in range(3)])
    np.testing.assert_allclose(found["net_score"], of_each.mean(0), atol=1e-6)
    np.testing.assert_allclose(found["net_score_spread"], of_each.std(0, ddof=1), atol=1e-6)


@pytest.mark.parametrize("entries", [1, 65_536, 70_001])
def test_all_numbers_of_entries(tmp_path: Path, plain: Path, entries: int) -> None:
    some = {"run": np.ones(entries, np.int32), "event": np.arange(entries), "x": np.arange(entries, dtype=np.float32)}
    write_ntuple(tmp_path / "b.root", some)
    run(plain, tmp_path / "b.root", tmp_path / "s.root")
    with uproot.open(tmp_path / "s.root") as file:
        np.testing.assert_array_equal(file["events"]["event"].array(library="np"), some["event"])
        assert file["events"]["net_selected"].array(library="np").all()


def test_a_tree_without_entries_is_refused_as_everywhere(tmp_path: Path, plain: Path) -> None:
    write_ntuple(tmp_path / "b.root", {"run": np.ones(0, int), "event": np.ones(0, int), "x": np.ones(0)})
    with pytest.raises(SnakerootError, match=r"b\.root: the tree 'events' has no entries"):
        run(plain, tmp_path / "b.root", tmp_path / "s.root")


def test_samples_that_are_read_in_different_ways_have_to_be_named(tmp_path: Path, ntuple: Path) -> None:
    readings = {"sig": {"aliases": {"x": "w"}}, "bkg": {"selection": "x > 0"}}
    models, _ = exported(tmp_path, ntuple, readings=readings)
    with pytest.raises(
        SnakerootError, match=r"a\.root: the samples of mine are read in different .* --sample bkg or sig"
    ):
        run(*models, ntuple, tmp_path / "s.root")
    command.apply(models=models, ntuple=str(ntuple), scored=tmp_path / "s.root", sample="sig")
    table, _ = run_features(ntuple, aliases={"x": "w"})
    with uproot.open(tmp_path / "s.root") as file:
        found = file["events"]["net_score"].array(library="np")
    np.testing.assert_allclose(found, predicted(tmp_path, table), atol=1e-6)
    with pytest.raises(SnakerootError, match=r"--sample sgi: the model was made with .*did you mean 'sig'"):
        command.apply(models=models, ntuple=str(ntuple), scored=tmp_path / "s.root", sample="sgi")


def test_what_is_no_model_of_ours_or_was_changed_is_refused(tmp_path: Path, plain: Path) -> None:
    content = plain.read_bytes()
    says = {
        "edited by hand": content.replace(b"x > -99", b"x > -98"),
        "not as it was exported": content[:-1],
        "not a model of ONNX": content[:200],
        "did not export": _without_metadata(plain),
    }
    for said, other in says.items():
        changed = tmp_path / "changed.onnx"
        changed.write_bytes(other)
        with pytest.raises(SnakerootError, match=rf"changed\.onnx: .*{said}"):
            load(changed)
    with pytest.raises(SnakerootError, match=r"none\.onnx: cannot be read"):
        load(tmp_path / "none.onnx")


def test_weights_edited_by_hand_are_refused(tmp_path: Path, plain: Path) -> None:
    model = onnx.load(plain)
    tensor = next(one for one in model.graph.initializer if len(one.raw_data) > 16)
    tensor.raw_data = bytes(len(tensor.raw_data))
    onnx.save(model, tmp_path / "edited.onnx")
    with pytest.raises(SnakerootError, match="not as it was exported: edited by hand"):
        load(tmp_path / "edited.onnx")


def _without_metadata(path: Path) -> bytes:
    model = onnx.load(path)
    del model.metadata_props[:]
    return bytes(model.SerializeToString())


def test_a_branch_that_is_not_there_is_named_and_nothing_is_left_behind(
    tmp_path: Path, ntuple: Path, plain: Path
) -> None:
    write_ntuple(tmp_path / "b.root", {"run": [1], "event": [2], "xx": [3.0]})
    with pytest.raises(SnakerootError, match=r"b\.root: no branch 'x' .*did you mean 'xx'"):
        run(plain, tmp_path / "b.root", tmp_path / "s.root")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".s", "s"))]
    with pytest.raises(SnakerootError, match=r"s\.txt: .*\.root, \.parquet"):
        run(plain, ntuple, tmp_path / "s.txt")
    with pytest.raises(SnakerootError, match=r"a\.root: the ntuple itself"):
        run(plain, ntuple, ntuple)


def test_it_needs_no_torch_no_snakemake_and_no_config(tmp_path: Path, ntuple: Path, plain: Path) -> None:
    program = (
        "import sys; sys.argv[0] = 'apply'\n"
        "from snakeroot.apply.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(sorted({'torch', 'snakemake', 'optuna', 'matplotlib', 'snakeroot.config'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", program, str(plain), str(ntuple), "s.root"]
    done = subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "500 entries, 500 scored" in done.stdout


def test_the_file_says_what_it_takes_and_gives(plain: Path) -> None:
    """Readable with onnx alone, by anyone."""
    model = onnx.load(plain)
    known = json.loads({one.key: one.value for one in model.metadata_props}["snakeroot"])
    assert [one["name"] for one in known["inputs"]] == [one.name for one in model.graph.input] == ["x"]
    assert known["outputs"] == [one.name for one in model.graph.output] == ["score"]
    assert known["features"]["features"] == {"x": "x"}
    assert known["samples"]["any"]["selection"] == "x > -99"
    assert len(known["networks"][0]["weights"]) == 64
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "rows"
    assert ID + "event" not in str(known)
