"""Samples as they come: branches that their files call otherwise, weights of their own, a first look at some entries."""

from __future__ import annotations

import awkward as ak
import h5py
import numpy as np
import pytest
from helpers import KINDS, branches, run_features, steps, write_ntuple
from snakeroot import plan
from snakeroot.errors import SnakerootError
from snakeroot.report import summaries
from tasks import TASK, edited, load, refused, settings

ENTRIES = 100


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
@pytest.mark.parametrize("kind", [*KINDS, "HDF5"])
def test_the_first_entries_stand_for_all(tmp_path, kind, chunk) -> None:
    known = {name: values for name, values in branches(ENTRIES).items() if name != "pt"}
    task = {"features": {"x": "x"}, "weight": "1 + x * 0", "chunk": chunk, "selection": "n > 0"}
    if kind == "HDF5":
        ntuple = tmp_path / "n.h5"
        with h5py.File(ntuple, "w") as file:
            for name in ("run", "event", "x", "n"):
                file[f"events/{name}"] = np.asarray(known[name])
    else:
        ntuple = write_ntuple(tmp_path / "n.root", known, kind)
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
    assert summaries.warnings(parts) == ["only 60 of 130 entries of zz are read (limit); their weights stand for all"]
