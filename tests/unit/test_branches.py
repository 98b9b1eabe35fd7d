"""Branches inside objects, groups and records: named by their paths, in TTrees and RNTuples alike."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
import uproot
from data import real_file
from helpers import run_features, write_ntuple
from snakeroot.errors import SnakerootError
from uproot.interpretation.numerical import AsDtype

SPLIT = "edge/uproot-small-evnt-tree-fullsplit.root"
WHOLE = {"tree": "tree", "event_id": ["evt/I64"], "features": {"x": "branch('evt/F64')"}}


def fails(ntuple, says, **changed):
    """The stage refuses the file with a message that begins with its path, and does not call it damaged."""
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(ntuple, **changed)
    assert str(error.value).startswith(f"{ntuple}: ")
    assert "damaged" not in str(error.value)


@pytest.fixture
def split(tmp_path):
    """A file with one split object per entry."""
    path = tmp_path / "split.root"
    path.write_bytes(real_file(SPLIT).read_bytes())
    return path


@pytest.mark.parametrize("name", ["evt/F64", "F64"])
def test_a_branch_in_a_split_object_by_its_path_or_its_last_name(split, name):
    table, _ = run_features(split, **WHOLE | {"features": {"x": f"branch('{name}')"}})
    with uproot.open(split) as file:
        expected = file["tree"]["evt/F64"].array(library="np")
    np.testing.assert_array_equal(table["x"].to_numpy(), expected.astype(np.float32))
    np.testing.assert_array_equal(table["id_evt/I64"].to_numpy(), np.arange(100))


def test_lists_and_arrays_in_a_split_object_and_in_the_object_in_it(split):
    texts = {
        "list": "sum(branch('evt/SliceF64'))",
        "vector": "sum(StlVecI16)",
        "array": "branch('evt/ArrayI32[10]')[9] + ArrayI32[0]",
        "inner": "branch('evt/P3/P3.Py') + branch('P3.Py')",
    }
    table, _ = run_features(split, **WHOLE | {"features": texts, "chunk": 7})
    with uproot.open(split) as file:
        arrays = {
            name: file["tree"][f"evt/{name}"].array() for name in ("SliceF64", "StlVecI16", "ArrayI32[10]", "P3/P3.Py")
        }
    expected = {
        "list": ak.sum(arrays["SliceF64"], axis=1),
        "vector": ak.sum(arrays["StlVecI16"], axis=1),
        "array": arrays["ArrayI32[10]"][:, 9] + arrays["ArrayI32[10]"][:, 0],
        "inner": 2 * arrays["P3/P3.Py"],
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(table[name].to_numpy(), ak.to_numpy(values).astype(np.float32))


def test_a_group_names_its_branches_and_a_misspelt_path_the_nearest(split):
    fails(
        split,
        r"'evt' is a group of 41 branches in 'tree'; write one of them: branch\('evt/Beg'\)",
        features={"x": "evt"},
        **{k: v for k, v in WHOLE.items() if k != "features"},
    )
    fails(
        split,
        r"no branch 'evt/F46' in 'tree': did you mean 'evt/F64'",
        **WHOLE | {"features": {"x": "branch('evt/F46')"}},
    )


def test_a_name_that_two_groups_share_has_to_be_a_path(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        lists = {"pt": ak.Array([[1.0], [2.0, 3.0]]), "eta": ak.Array([[0.1], [0.2, 0.3]])}
        jets, muons = ak.zip(lists), ak.zip({"pt": lists["pt"] * 10})
        file.mkrntuple("events", {"event": np.arange(2), "Jet": jets, "Muon": muons})
    more = {"event_id": ["event"]}
    fails(
        tmp_path / "a.root",
        r"'pt' may be any of 2 branches .*branch\('Jet.pt'\), branch\('Muon.pt'\)",
        features={"x": "sum(pt)"},
        **more,
    )
    table, _ = run_features(
        tmp_path / "a.root",
        features={"x": "sum(branch('Jet.pt'))", "y": "sum(branch('Muon.pt'))", "e": "max(eta)"},
        **more,
    )
    assert table["x"].to_pylist() == [1, 5]
    assert table["y"].to_pylist() == [10, 50]
    assert table["e"].to_numpy() == pytest.approx([0.1, 0.3])


def test_the_objects_of_a_split_collection_are_rows(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        jets = ak.zip({"pt": ak.Array([[1.0], [], [2.0, 3.0]]), "eta": ak.Array([[0.5], [], [0.25, 0.75]])})
        file.mkrntuple("events", {"event": np.arange(3), "Jet": jets})
    table, _ = run_features(
        tmp_path / "a.root",
        rows="Jet",
        event_id=["event"],
        features={"pt": "branch('Jet.pt')", "eta": "branch('Jet.eta')"},
    )
    assert table["pt"].to_pylist() == [1, 2, 3]
    assert table["eta"].to_pylist() == [0.5, 0.25, 0.75]
    assert table["id_event"].to_pylist() == [0, 2, 2]
    assert table["object"].to_pylist() == [0, 0, 1]


def test_a_branch_of_a_collection_is_known_by_its_last_name_too(tmp_path):
    """What a branch belongs to follows from the path that is found, not from the name that is written."""
    with uproot.recreate(tmp_path / "a.root") as file:
        jets = ak.zip({"pt": ak.Array([[1.0], [], [2.0, 3.0]]), "eta": ak.Array([[0.5], [], [0.25, 0.75]])})
        file.mkrntuple("events", {"event": np.arange(3), "Jet": jets})
    more = {"rows": "Jet", "event_id": ["event"]}
    table, flow = run_features(tmp_path / "a.root", features={"eta": "eta", "twice": "2 * pt"}, weight="pt", **more)
    assert table["eta"].to_pylist() == [0.5, 0.25, 0.75]
    assert table["twice"].to_pylist() == [2, 4, 6]
    assert [step["weight"] for step in flow["steps"][:2]] == [6, 6]
    fails(tmp_path / "a.root", "'eta' is of the objects 'Jet'", **more | {"event_id": ["eta"], "features": {"x": "pt"}})


def test_the_lists_of_a_split_object_are_rows_by_their_last_names(split):
    table, _ = run_features(split, tree="tree", rows="evt", event_id=["I64"], features={"x": "SliceF32", "n": "I32"})
    with uproot.open(split) as file:
        expected = ak.flatten(file["tree"]["evt/SliceF32"].array())
    np.testing.assert_array_equal(table["x"].to_numpy(), ak.to_numpy(expected))


def test_leaves_of_a_leaf_list(tmp_path):
    path = tmp_path / "leaves.root"
    path.write_bytes(real_file("edge/uproot-leaflist.root").read_bytes())
    more = {"tree": "tree", "event_id": ["leaflist.y"]}
    table, _ = run_features(path, features={"x": "branch('leaflist.x')", "z": "branch('leaflist.z')"}, **more)
    with uproot.open(path) as file:
        expected = file["tree/leaflist"].array()
    assert table["x"].to_pylist() == pytest.approx(expected["x"].tolist())
    assert table["z"].to_pylist() == expected["z"].tolist()
    assert table["id_leaflist.y"].to_pylist() == expected["y"].tolist()
    fails(
        path,
        r"'leaflist' holds records \(x, y, z\), .* as branch\('leaflist.x'\)",
        features={"x": "leaflist"},
        **more,
    )
    fails(path, r"no 'w' in the branch 'leaflist': Known: x, y, z", features={"x": "branch('leaflist.w')"}, **more)
    for role in ("event_id", "spectators"):
        fails(
            path, "'leaflist' holds records", **more | {"features": {"x": "branch('leaflist.x')"}, role: ["leaflist"]}
        )


def test_a_branch_that_uproot_cannot_decode_is_named_and_the_file_is_not_called_damaged(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        columns = {"event": np.arange(3), "x": np.ones(3), "mixed": ak.Array([1, "two", 3])}
        file.mkrntuple("events", columns)
    fails(tmp_path / "a.root", "the branch 'mixed' holds variants", event_id=["event"], features={"x": "mixed"})
    for role in ("event_id", "spectators"):
        fails(tmp_path / "a.root", "'mixed' holds variants", **{"event_id": ["event"], role: ["mixed"]})


def test_a_field_whose_own_name_has_a_slash_is_named_and_the_others_are_read(tmp_path):
    ntuple = write_ntuple(tmp_path / "a.root", {"event": np.arange(3), "x": np.ones(3), "a/b": np.ones(3)}, "RNTuple")
    table, _ = run_features(ntuple, event_id=["event"], features={"x": "x"})
    assert table["x"].to_pylist() == [1, 1, 1]
    fails(ntuple, r"'a/b' .*cannot be decoded by uproot", event_id=["event"], features={"x": "branch('a/b')"})


def without_a_type(branch):
    """uproot has no name for records in arrays."""
    raise KeyError(("V", 16))


def test_a_branch_that_fails_is_blamed_though_its_type_has_no_name_and_another_reading_goes_through(
    tmp_path, monkeypatch
):
    decode = AsDtype.basket_array

    def fail(self, data, offsets, basket, branch, *more):
        if branch.name == "x":
            raise ValueError("the wrong number of bytes")
        return decode(self, data, offsets, basket, branch, *more)

    ntuple = write_ntuple(tmp_path / "a.root", {"event": np.arange(3), "x": np.ones(3)})
    monkeypatch.setattr(AsDtype, "basket_array", fail)
    monkeypatch.setattr(uproot.TBranch, "array", lambda *_, **__: np.ones(3))
    more = {"event_id": ["event"], "features": {"x": "x"}}
    fails(ntuple, r"the branch 'x' \(double\) cannot be decoded by uproot \(ValueError: the wrong number", **more)
    monkeypatch.setattr(uproot.TBranch, "typename", property(without_a_type))
    fails(ntuple, r"the branch 'x' \(AsDtype\('>f8'\)\) cannot be decoded by uproot", **more)


def test_a_branch_that_was_switched_off_is_named(tmp_path, monkeypatch):
    ntuple = write_ntuple(tmp_path / "a.root", {"event": np.arange(3), "x": np.ones(3)})
    there = {"event": 3, "x": 0}
    monkeypatch.setattr(uproot.TBranch, "num_entries", property(lambda self: there[self.name]))
    fails(
        ntuple,
        "the branch 'x' has 0 of the 3 entries of 'events': it was switched off",
        event_id=["event"],
        features={"x": "x"},
    )
    assert run_features(ntuple, event_id=["event"], features={"x": "event"})[0].num_rows == 3


@pytest.mark.parametrize(
    ("name", "tree", "branch", "says"),
    [
        ("uproot-issue327.root", "DstTree", "fTracks.fIsMCTruth", "has 0 of the 98 entries"),
        ("uproot-issue501.root", "T", "point", "cannot be decoded"),
        ("uproot-issue501.root", "T", "point.x", "cannot be decoded"),
        ("uproot-issue513.root", "Delphes", "Particle.fBits", "cannot be decoded"),
    ],
)
def test_a_branch_of_a_real_file_that_cannot_be_read_is_named(tmp_path, name, tree, branch, says):
    path = tmp_path / "a.root"
    path.write_bytes(real_file(f"edge/{name}").read_bytes())
    whole = f"the branch '(.*/)?{branch.removesuffix('.x')}' .*{says}"
    fails(path, whole, tree=tree, event_id=[branch], features={"x": f"branch('{branch}')"})


def test_optional_fields_are_nan_as_spectators_and_no_identity(tmp_path):
    columns = {"event": ak.Array([1, None, 3]), "good": ak.Array([True, None, False]), "x": np.ones(3)}
    ntuple = write_ntuple(tmp_path / "a.root", columns | {"number": ak.Array([0, 1, 2])}, "RNTuple")
    more = {"event_id": ["number"]}
    table, _ = run_features(ntuple, spectators=["event", "good"], **more)
    np.testing.assert_array_equal(table["event"].to_numpy(), [1.0, np.nan, 3.0])
    assert table["good"].to_pylist() == [True, False, False]
    table, _ = run_features(ntuple, selection="x * event > 2", **more)
    assert table["id_number"].to_pylist() == [2]
    table, _ = run_features(ntuple, selection="~(event > 2)", **more)
    assert table["id_number"].to_pylist() == [0, 1]
    fails(ntuple, "'event' has no value in 1 entries, the first of them entry 1", event_id=["event"])


def test_a_missing_text_is_an_empty_one_and_a_text_in_any_case(tmp_path):
    columns = {"event": np.arange(3), "s": ak.Array(["a", None, "b"]), "all": ak.Array(["c", "d", "e"])}
    lists = {"l": ak.Array([["a"], None, ["b", None]])}
    ntuple = write_ntuple(tmp_path / "a.root", columns | lists, "RNTuple")
    table, _ = run_features(ntuple, event_id=["event"], features={"x": "event"}, spectators=["s", "all"])
    assert table["s"].to_pylist() == ["a", "", "b"]
    assert table["all"].to_pylist() == ["c", "d", "e"]
    for text, name in (("2 * s", "s"), ("sum(l)", "l"), ("all > 1", "all")):
        fails(ntuple, f"the branch '{name}' holds text", event_id=["event"], features={"x": text})
    fails(ntuple, "'s' has no value in 1 entries", event_id=["s"], features={"x": "event"})
    fails(ntuple, "'l' holds a list per entry", event_id=["event"], features={"x": "event"}, spectators=["l"])


@pytest.mark.parametrize("chunk", [1, 3, 1000])
def test_clusters_of_an_rntuple_are_read_in_order_whatever_the_chunk(tmp_path, chunk):
    path = tmp_path / "a.root"
    with uproot.recreate(path) as file:
        tree = file.mkrntuple("events", {"event": np.arange(4), "pt": ak.Array([[1.0], [], [2.0, 3.0], [4.0]])})
        for start, size in ((4, 1), (5, 1), (6, 10), (16, 2)):
            lists = ak.unflatten(np.arange(3.0 * size) + start, np.full(size, 3))
            tree.extend({"event": np.arange(start, start + size), "pt": lists})
    table, _ = run_features(path, event_id=["event"], features={"ht": "sum(pt)"}, chunk=chunk)
    with uproot.open(path) as file:
        expected = ak.sum(file["events"].arrays()["pt"], axis=1)
    assert table["id_event"].to_pylist() == list(range(18))
    assert table["entry"].to_pylist() == list(range(18))
    np.testing.assert_array_equal(table["ht"].to_numpy(), ak.to_numpy(expected).astype(np.float32))


def test_a_missing_list_is_an_empty_one(tmp_path):
    lists = ak.Array([[1.0], None, [2.0, 3.0]])
    ntuple = write_ntuple(tmp_path / "a.root", {"event": np.arange(3), "Jet_pt": lists}, "RNTuple")
    more = {"event_id": ["event"]}
    table, _ = run_features(ntuple, features={"n": "count(Jet_pt)"}, **more)
    assert table["n"].to_pylist() == [1, 0, 2]
    table, _ = run_features(ntuple, features={"pt": "Jet_pt"}, rows="Jet", **more)
    assert table["pt"].to_pylist() == [1, 2, 3]
    with pytest.raises(SnakerootError, match=r"entry 1: .*empty"):
        run_features(ntuple, features={"pt": "Jet_pt[0]"}, **more)
