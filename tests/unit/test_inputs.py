"""What holds for ntuples of every kind: the same events give the same features, and bad files are told of alike."""

from __future__ import annotations

import hashlib
import random
import re
import zlib

import kinds
import pyarrow as pa
import pytest
from helpers import run_features, steps
from kinds import SUFFIXES, TREES
from snakeroot.errors import SnakerootError

EVERYTHING = {
    "event_id": ["run", "event", "name"],
    "weight": "1 + n",
    "selection": "good & (x > -1)",
    "features": {"x": "x", "s": "where(n > 0, 2 * n, -1)"},
    "spectators": ["n", "event", "good", "x", "name"],
}


def run(path, suffix, **changed):
    return run_features(path, **{"tree": TREES.get(suffix), **EVERYTHING, **changed})


def fails(path, suffix, says, **changed):
    kinds.fails(path, says, **{"tree": TREES.get(suffix), **EVERYTHING, **changed})


@pytest.fixture(params=SUFFIXES)
def suffix(request):
    return request.param


def test_the_same_events_give_the_same_features_whatever_the_kind_and_the_chunk(tmp_path, suffix):
    values = kinds.columns(80)
    known, flow = run(kinds.write(tmp_path / "known/a.root", values), ".root")
    assert known["event"].to_pylist() == known["id_event"].to_pylist()
    assert [known.schema.field(name).type for name in ("n", "good", "x", "name")] == [
        pa.int64(),
        pa.bool_(),
        pa.float64(),
        pa.string(),
    ]
    kept = [good and x > -1 for good, x in zip(values["good"], values["x"], strict=True)]
    assert known["name"].to_pylist() == [name for name, wanted in zip(values["name"], kept, strict=True) if wanted]
    path = kinds.write(tmp_path / f"a{suffix}", values)
    for chunk in (1, 7, 23, 1000):
        found, found_flow = run(path, suffix, chunk=chunk)
        assert found.equals(known, check_metadata=True)
        assert steps(found_flow) == steps(flow)
    assert run(path.rename(tmp_path / f"A{suffix.upper()}"), suffix)[0].equals(known)


def test_the_checksum_is_verified(tmp_path, suffix):
    path = kinds.write(tmp_path / f"a{suffix}", kinds.columns(9))
    content = path.read_bytes()
    right = {"adler32": f"{zlib.adler32(content):08x}", "sha256": hashlib.sha256(content).hexdigest()}
    for kind, digest in right.items():
        fails(path, suffix, "the file is damaged or another", checksum=f"{kind}:{'0' * len(digest)}")
        assert run(path, suffix, checksum=f"{kind}:{digest}")[0].num_rows > 0


def test_a_branch_that_there_is_not_is_named_with_the_nearest(tmp_path, suffix):
    path = kinds.write(tmp_path / f"a{suffix}", kinds.columns(9))
    fails(path, suffix, r"no branch 'evnt'.*: did you mean 'event'\? Known: ", features={"x": "evnt"})


@pytest.mark.parametrize("named", SUFFIXES)
def test_a_file_that_is_called_as_another_kind_is_called_what_it_is(tmp_path, suffix, named):
    path = kinds.write(tmp_path / f"a{suffix}", kinds.columns(9)).rename(tmp_path / f"b{named}")
    if named == suffix or (".csv" in named and ".csv" in suffix):  # what is compressed is seen
        assert run(path, named)[0].num_rows > 0
        return
    proper = {".root": "a ROOT", ".h5": "an HDF5", ".parquet": "a Parquet", ".npz": "a zip archive", ".csv": "text"}
    what = proper.get(suffix, "a gzip archive")
    fails(path, named, rf"not an? .* file, but {what}.* let its name end in {re.escape(suffix)}")


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html>not found", b"version https://git-lfs.github.com/spec/v1"]
)
def test_what_is_no_ntuple_at_all(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    fails(path, suffix, "empty|but a web page|Git LFS pointer")


def test_a_file_without_rows(tmp_path, suffix):
    if suffix in (".root", ".h5"):
        pytest.skip("in test_ntuple.py and test_hdf5.py")
    path = kinds.write(tmp_path / f"a{suffix}", {name: values[:0] for name, values in kinds.columns(3).items()})
    fails(path, suffix, "no rows; take it out|no entries; take")


@pytest.mark.parametrize("case", range(12))
def test_a_damaged_file_is_one_message_and_never_a_crash(tmp_path, suffix, case):
    """Truncated, or with some bytes changed: refused, or read as far as the format can tell."""
    chance = random.Random(f"{suffix} {case}")  # noqa: S311
    values = kinds.columns(60)
    path = kinds.write(tmp_path / f"a{suffix}", values)
    known, _ = run(path, suffix)
    content = bytearray(path.read_bytes())
    if case % 3 == 0:
        content = content[: chance.randrange(1, len(content))]
    else:
        for _ in range(1 if case % 3 == 1 else 20):
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    try:
        found, _ = run(path, suffix)
    except SnakerootError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017
        assert "\n" not in str(error)  # noqa: PT017
        assert len(str(error)) < 1000  # noqa: PT017
    else:
        assert found.schema.names == known.schema.names
        if suffix in (".csv.gz", ".npz"):  # all of their content has a checksum
            assert found.equals(known)
