"""Files: whole or not at all, with stable bytes."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from snakeroot.data.files import SEAL, atomic, atomic_folder, read_json, sweep, to_json, write_json
from snakeroot.errors import SnakerootError


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_all_files_appear_at_the_end(tmp_path):
    a, b = tmp_path / "new/a.txt", tmp_path / "b.txt"
    with atomic(a, b) as [part_a, part_b]:
        part_a.write_text("a")
        part_b.write_text("b")
        assert {part_a.suffix, part_b.suffix} == {".txt"}
        assert (part_a.parent, part_b.parent) == (a.parent, b.parent)  # one file system: the renaming is atomic
        assert not a.exists()
        assert not b.exists()
    assert (a.read_text(), b.read_text()) == ("a", "b")
    assert names(tmp_path) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_of_an_interrupted_block_and_nothing_lost(tmp_path, error):
    (tmp_path / "a.txt").write_text("old")

    def interrupted():
        with atomic(tmp_path / "a.txt", tmp_path / "b.txt") as [part, _]:
            part.write_text("new")
            raise error

    with pytest.raises(error):
        interrupted()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_folder_appears_at_the_end_in_place_of_the_one_before(tmp_path):
    (tmp_path / "new/folder").mkdir(parents=True)
    (tmp_path / "new/folder/old.txt").touch()
    with atomic_folder(tmp_path / "new/folder") as part:
        (part / "inner").mkdir()
        (part / "inner/a.txt").write_text("a")
        assert names(tmp_path / "new/folder") == ["old.txt"]
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "new/folder/inner/a.txt").read_text() == "a"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_of_an_interrupted_folder_and_nothing_lost(tmp_path, error):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/old.txt").touch()

    def interrupted():
        with atomic_folder(tmp_path / "folder") as part:
            (part / "new.txt").touch()
            raise error

    with pytest.raises(error):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
    assert names(tmp_path) == ["old.txt"]


def test_a_full_disk_is_told_by_the_name_of_the_folder(tmp_path):
    def full():
        with atomic_folder(tmp_path / "folder") as part:
            raise OSError(errno.ENOSPC, "No space left", str(part / "a.txt"))

    with pytest.raises(SnakerootError, match=r"/folder: cannot be written, as the disk is full"):
        full()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_not_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "a.txt", tmp_path / "b.txt") as [_, part]:
        part.write_text("b")
    assert names(tmp_path) == []


def write_slowly(path, text, barrier):
    """Write half, wait for the other writer to have done so too, and write the rest."""
    with atomic(path) as [part], part.open("w") as file:
        file.write(text * 1000)
        file.flush()
        barrier.wait(30)
        file.write(text * 1000)


def test_two_writers_of_one_file(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    writers = [context.Process(target=write_slowly, args=(tmp_path / "a.txt", text, barrier)) for text in "xy"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() in ("x" * 2000, "y" * 2000)


def test_json_is_the_same_for_equal_values(tmp_path):
    one, other = {"b": [1, 2.5, None], "a": {"é": True}}, {"a": {"é": True}, "b": [1, 2.5, None]}
    assert to_json(one) == to_json(other) == '{"a":{"é":true},"b":[1,2.5,null]}'
    write_json(one, tmp_path / "one.json")
    write_json(other, tmp_path / "other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()
    assert read_json(tmp_path / "one.json") == one
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert json.loads(text) == one | {SEAL: hashlib.sha256(to_json(one).encode()).hexdigest()}
    assert (tmp_path / "one.json").read_bytes().endswith(b"\n")


@pytest.mark.parametrize("value", [{"a": math.nan}, {"a": {"b": [-math.inf]}}])
def test_json_has_no_nan(tmp_path, value):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(value, tmp_path / "a.json")
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff", b"[1]", b'{"a": 1}', b"1" * 5000])
def test_a_damaged_json_is_an_error_with_its_name(tmp_path, content):
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(SnakerootError, match=r"a\.json: cannot be read as JSON .*; delete it and run again"):
        read_json(tmp_path / "a.json")


@given(st.data())
def test_a_json_in_which_a_byte_was_changed_is_an_error_or_has_the_same_values(data):
    value = {
        "samples": {"zz": {"factor": 0.125, "name": "é"}},
        "none": None,
        "list": [1, 2, True],
        "10": {},
        "9": "a b",
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.json"
        write_json(value, path)
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        try:
            assert to_json(read_json(path)) == to_json(value)
        except SnakerootError as error:
            assert re.match(rf"{path}: cannot be read as JSON .*; delete it and run again$", str(error))  # noqa: PT017


def test_a_json_that_was_edited_by_hand_is_an_error_that_says_so(tmp_path):
    path = tmp_path / "model.json"
    write_json({9: "keys become text", 10: 12}, path)
    assert read_json(path) == {"9": "keys become text", "10": 12}
    path.write_text(path.read_text().replace("12", "13"))
    with pytest.raises(SnakerootError, match=r"model\.json: .*edited by hand, or damaged\); delete it and run again"):
        read_json(path)


FULL = """
import resource, sys
from pathlib import Path
import numpy as np, pyarrow as pa, torch
from snakeroot.data import tables
from snakeroot.networks import weights
from snakeroot.errors import SnakerootError
from snakeroot.data.files import atomic, write_json

rows = pa.table({"x": np.random.default_rng(1).random(100_000)})

def many(path):  # a block that writes several files, one of them by a writer that is whole itself
    with atomic(path, path.with_name("second")) as [part, _]:
        tables.write([rows], rows.schema, part)

def of_tensors(path):
    with atomic(path) as [part]:
        weights.save({"a": torch.zeros(100_000)}, part)

if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
for write in (
    lambda path: write_json({"a": "a" * 100_000}, path),
    lambda path: tables.write([rows], rows.schema, path),
    many,
    of_tensors,
):
    try:
        write(Path(sys.argv[1]) / "below/a.out")
    except SnakerootError as error:
        print(error)
"""


def unwritable(folder, mode=""):
    """What is said of outputs that there is no room for, one line each; none is left, nor any part of one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", FULL, str(folder), mode]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert not done.stderr
    assert names(folder) == []
    assert done.stdout.count("\n") == 4
    return done.stdout.splitlines()


def test_an_output_beyond_a_limit_is_one_message_with_its_name(tmp_path):
    for line in unwritable(tmp_path, "limit"):
        assert line.startswith(f"{tmp_path}/below/a.out: cannot be written, as it would be larger than")
        assert line.endswith(", and run again")


def test_a_full_disk_is_one_message_with_the_name_of_the_output(tmp_path):
    small = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmp_path]
    if subprocess.run(small, check=False, capture_output=True).returncode:
        pytest.skip("no permission to mount a small disk")
    try:
        found = unwritable(tmp_path)
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    expected = f"{tmp_path}/below/a.out: cannot be written, as the disk is full: make room there, and run again"
    assert found == [expected] * 4


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "results").touch()
    with pytest.raises(SnakerootError, match=r"results/first: cannot be written, as a file stands where its folder"):
        write_json({}, tmp_path / "results/first/a.json")


def test_what_fails_while_reading_is_not_taken_for_a_failure_to_write(tmp_path):
    with pytest.raises(PermissionError, match="input"), atomic(tmp_path / "a.txt"):
        raise PermissionError(errno.EACCES, "denied", "input")


def test_the_usual_permissions(tmp_path):
    mask = os.umask(0o027)
    try:
        write_json({}, tmp_path / "a.json")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_outputs_can_be_read_by_whom_the_umask_allows(tmp_path, mask, mode):
    """Some writers (safetensors) make files for their owner alone, which a group cannot share."""
    before = os.umask(mask)
    try:
        with atomic(tmp_path / "a.txt") as [part]:
            part.touch(mode=0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


def test_what_killed_processes_have_left_is_swept(tmp_path):
    with subprocess.Popen(["true"]) as ended:
        pass
    host, folder = socket.gethostname(), tmp_path / "results/deep"
    left = [
        f".a.{host}-{ended.pid}.parquet",
        f"..a.{host}-{ended.pid}.{host}-{ended.pid}.parquet",
        f".f.{host}-{ended.pid}",
    ]
    kept = ["a.parquet", f".a.{host}-{os.getpid()}.parquet", f".a.elsewhere-{ended.pid}.json", ".hidden", ".a.b-c.json"]
    folder.mkdir(parents=True)
    for name in [*left[:2], *kept]:
        (folder / name).touch()
    (folder / left[2]).mkdir()
    (folder / left[2] / "b").touch()
    assert sweep(tmp_path / "results") == 3
    assert sorted(path.name for path in folder.iterdir()) == sorted(kept)
    assert sweep(tmp_path / "none") == 0
