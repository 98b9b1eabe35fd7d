"""Reading ntuples: every kind of tree alike, and every kind of bad file by its name."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib

import awkward as ak
import numpy as np
import pytest
import uproot
from data import real_file
from helpers import KINDS, branches, run_features, steps, write_ntuple
from snakeroot.errors import SnakerootError

EVERYTHING = {
    "event_id": ["run", "event", "name"],
    "weight": "w",
    "selection": "good & (x > -1)",
    "features": {"x": "x", "ht": "sum(pt)", "leading": "where(n > 0, max(pt), -1)"},
    "spectators": ["n", "name", "good"],
}


def fails(ntuple, says, **changed):
    """The stage refuses the file with a message that begins with its path, and leaves nothing behind."""
    before = set(ntuple.parent.rglob("*"))
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(ntuple, **changed)
    assert str(error.value).startswith(f"{ntuple}: ")
    assert {path for path in ntuple.parent.rglob("*") if path.is_file()} <= before
    return str(error.value)


@pytest.fixture
def ntuple(tmp_path):
    return write_ntuple(tmp_path / "ntuple.root", branches(50))


def test_a_ttree_and_an_rntuple_give_the_same(tmp_path):
    found = [run_features(write_ntuple(tmp_path / kind / "a.root", branches(80), kind), **EVERYTHING) for kind in KINDS]
    assert found[0][0].num_rows > 10
    assert found[0][0].equals(found[1][0], check_metadata=True)
    assert found[0][1] == found[1][1]


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_newest_cycle_is_read(tmp_path, kind):
    table, flow = run_features(write_ntuple(tmp_path / "a.root", branches(9), kind, older=2))
    assert steps(flow)["read"] == 9
    assert table["id_event"].to_pylist() == list(range(9))


def test_a_tree_in_a_folder_and_branches_with_odd_names(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file.mktree("folder/tree", {"lep.pt": "float64", "event": "int64", "x": "float64"}).extend(
            {"lep.pt": np.array([1.0, 2.0]), "event": np.arange(2), "x": np.zeros(2)}
        )
    table, _ = run_features(
        tmp_path / "a.root", tree="folder/tree", event_id=["event"], features={"pt": "2 * branch('lep.pt')"}
    )
    assert table["pt"].to_pylist() == [2.0, 4.0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"<!DOCTYPE html><html>not found</html>", "not a ROOT file, but a web page.*Fetch it again"),
        (
            b"event,pt,eta\n1,2.5,0.3\n",
            r"but text .*begins with 'event,pt.*; if it is CSV, let its name end in \.csv",
        ),
        ("\ufeffevent,pt\n1,2.5\n".encode(), "but text .*begins with 'event,pt"),
        ("\ufeffevent,pt\n1,2.5\n".encode("utf-16-le"), "but text .*begins with 'event,pt"),
        ("\ufeffevent,pt\n1,2.5\n".encode("utf-16-be"), "but text .*begins with 'event,pt"),
        ("größe,gewicht\n1,2\n".encode(), "but text .*begins with 'größe,gewicht"),
        ("größe,gewicht\n1,2\n".encode("latin-1"), "but text .*begins with 'größe,gewicht"),
        (b"x" * 63 + "ö\n".encode(), "but text .*begins with 'xxxx"),
        ("\ufeff<html>".encode(), "but a web page.*begins with '<html>"),
        (b"ARROW1\0\0" + bytes(100), "but a Feather .*write it as Parquet"),
        (b"FEA1" + bytes(100), "but a Feather file.*write it as Parquet"),
        (bz2.compress(b"x"), "but a bzip2 archive; unpack it"),
        (lzma.compress(b"x"), "but an xz archive; unpack it"),
        (bytes.fromhex("28b52ffd2001090000 78"), "but a zstd archive; unpack it"),
        (b"\xde\xad\xbe\xef" * 20, "of no kind that is known.*fetch it again"),
        (b"PAR1" + bytes(100), r"not a ROOT file, but a Parquet file; let its name end in \.parquet"),
        (b"PARE" + bytes(100), "but an encrypted Parquet file.*write it without encryption"),
        (b"PK\x03\x04" + bytes(100), r"but a zip archive; if it is one of NumPy, let its name end in \.npz"),
        (b"\x93NUMPY" + bytes(100), r"but one NumPy array.*with numpy\.savez"),
        (gzip.compress(b"x,y", mtime=0), r"but a gzip archive; if it is CSV, let its name end in \.csv\.gz"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), r"not a ROOT file, but an HDF5 file; let its name end in \.h5"),
        (bytes(100), "of no kind that is known.*fetch it again"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS pointer.*git lfs pull"),
        (b"root" + bytes(100), "no tree 'events': Known: none"),
        (b"root", "truncated or damaged"),
    ],
)
def test_a_file_that_is_no_ntuple(tmp_path, content, says):
    (tmp_path / "a.root").write_bytes(content)
    fails(tmp_path / "a.root", says)


def test_a_missing_file_and_a_folder(tmp_path):
    fails(tmp_path / "a.root", "No such file")
    (tmp_path / "b.root").mkdir()
    fails(tmp_path / "b.root", "Is a directory")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_file(tmp_path, kind, kept):
    path = write_ntuple(tmp_path / "a.root", branches(5000), kind)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * kept)])
    fails(path, "truncated or damaged", **EVERYTHING, chunk=100)


def test_a_file_without_a_tree(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file["histogram"] = np.histogram([1.0, 2.0])
    fails(tmp_path / "a.root", "no tree 'events': Known: none")
    fails(tmp_path / "a.root", "is a TH1D, not a TTree or an RNTuple", tree="histogram")


def test_another_tree_is_suggested(ntuple):
    fails(ntuple, "no tree 'event': did you mean 'events'?", tree="event")


def test_a_tree_without_entries(tmp_path):
    empty = {name: values[:0] for name, values in branches(3).items()}
    fails(write_ntuple(tmp_path / "a.root", empty), "'events' has no entries")


@pytest.mark.parametrize(
    "changed",
    [
        {"features": {"x": "2 * evnt"}},
        {"weight": "evnt"},
        {"selection": "evnt > 1"},
        {"event_id": ["evnt"]},
        {"spectators": ["evnt"]},
    ],
)
def test_an_unknown_branch_is_named_with_the_nearest(ntuple, changed):
    fails(ntuple, "no branch 'evnt' in 'events': did you mean 'event'\\? Known: ", **changed)


def test_the_checksum_is_verified(ntuple):
    content = ntuple.read_bytes()
    right = {"adler32": f"{zlib.adler32(content):08x}", "sha256": hashlib.sha256(content).hexdigest()}
    for kind, digest in right.items():
        table, _ = run_features(ntuple, checksum=f"{kind}:{digest}")
        assert table.num_rows == 50
        wrong = f"{kind}:{'0' * len(digest)}"
        with pytest.raises(SnakerootError, match=f"its checksum is {kind}:{digest}, not {wrong}"):
            run_features(ntuple, checksum=wrong)


def test_results_do_not_depend_on_the_chunk(tmp_path):
    whole, flow = run_features(write_ntuple(tmp_path / "a.root", branches(100)), **EVERYTHING, chunk=1000)
    for chunk in (1, 7, 100):
        part, part_flow = run_features(tmp_path / "a.root", **EVERYTHING, chunk=chunk)
        assert part.equals(whole)
        assert steps(part_flow) == steps(flow)
        weights = [[step["weight"] for step in f["steps"]] for f in (flow, part_flow)]
        np.testing.assert_allclose(*weights, rtol=1e-12)


GG = {
    "tree": "HZZ4LeptonsAnalysisReduced",
    "event_id": ["f_run", "f_lumi", "f_event"],
    "weight": "f_weight",
    "features": {"mass4l": "f_mass4l", "massjj": "f_massjj"},
}


def linked(tmp_path, name):
    """A real file, in a folder that can be written to."""
    (tmp_path / "a.root").symlink_to(real_file(name))
    return tmp_path / "a.root"


def test_the_real_gluon_fusion_file(tmp_path):
    path = linked(tmp_path, "real/ntuple_4mu_gg.root")
    table, flow = run_features(path, **GG, selection="(f_mass4l > -999) & (f_massjj > -999)", chunk=5000)
    assert steps(flow)["read"] == 22_344
    assert steps(flow)["written"] == table.num_rows == 3_213
    reference = uproot.open(path)["HZZ4LeptonsAnalysisReduced"].arrays(["f_massjj", "f_mass4l"], library="np")
    kept = (reference["f_massjj"] > -999) & (reference["f_mass4l"] > -999)
    assert np.array_equal(table["massjj"].to_numpy(), reference["f_massjj"][kept])


HZZ = {
    "tree": "events",
    "event_id": ["MET_px", "MET_py"],
    "features": {"lead": "where(NMuon > 0, max(Muon_Px), 0)", "met": "hypot(MET_px, MET_py)"},
    "spectators": ["NMuon"],
}


def test_the_same_events_in_four_compressions(tmp_path):
    found = []
    for name in ("zlib", "lz4", "lzma", "zstd"):
        (tmp_path / name).mkdir()
        found.append(run_features(linked(tmp_path / name, f"edge/uproot-HZZ-{name}.root"), **HZZ))
    assert found[0][0].num_rows == 2421
    assert all(table.equals(found[0][0]) and flow == found[0][1] for table, flow in found)


@pytest.mark.parametrize(
    ("name", "tree", "says"),
    [
        ("zero.root", "events", "0 bytes"),
        ("html.root", "events", "not a ROOT file"),
        ("HZZ-zlib-trunc50.root", "events", "truncated or damaged"),
        ("uproot-empty.root", "tree", "no entries"),
        ("uproot-issue335.root", "empty_tree", "no entries"),
        ("uproot-vectorVectorDouble.root", "t", "a list of values per entry"),
    ],
)
def test_real_files_that_must_be_refused(tmp_path, name, tree, says):
    fails(linked(tmp_path, f"edge/{name}"), says, tree=tree, event_id=["x"], features={"x": "sum(x)"})


def test_a_flipped_bit_is_caught_by_the_checksum(tmp_path):
    right = hashlib.sha256(real_file("edge/uproot-HZZ-zstd.root").read_bytes()).hexdigest()
    fails(linked(tmp_path, "edge/HZZ-zstd-bitflip.root"), "damaged or another", **HZZ, checksum=f"sha256:{right}")


def test_a_missing_branch_of_the_identity_in_a_real_file(tmp_path):
    path = linked(tmp_path, "edge/missing_luminosityBlock.root")
    known = {"tree": "Events", "features": {"met": "MET_pt"}}
    fails(path, "no branch 'luminosityBlock'", **known, event_id=["run", "luminosityBlock", "event"])


def test_a_real_rntuple(tmp_path):
    path = linked(tmp_path, "edge/ntpl001_staff_rntuple_v1-0-1-0.root")
    table, _ = run_features(
        path, tree="Staff", event_id=["Nation", "Cost"], features={"age": "Age"}, selection="Age < 30", chunk=1000
    )
    reference = uproot.open(path)["Staff"].arrays(["Nation", "Cost", "Age"])
    young = reference[reference.Age < 30]
    assert table["id_Nation"].to_pylist() == young.Nation.to_list()
    assert table["age"].to_pylist() == young.Age.to_list()


def test_real_jagged_events(tmp_path):
    path = linked(tmp_path, "real/NanoAODv5_sample.root")
    table, _ = run_features(
        path, tree="Events", event_id=["run", "luminosityBlock", "event"], features={"ht": "sum(Jet_pt[Jet_pt > 30])"}
    )
    jets = uproot.open(path)["Events"]["Jet_pt"].array()
    expected = [sum(np.float64(pt) for pt in jet if pt > 30) for jet in ak.to_list(jets)]
    np.testing.assert_allclose(table["ht"].to_numpy(), expected, rtol=1e-6)
