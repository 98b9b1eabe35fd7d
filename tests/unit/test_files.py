"""Files: whole or not at all, with stable bytes."""

from __future__ import annotations

import json
import math
import multiprocessing
import os

import pytest
from snakeroot.errors import SnakerootError
from snakeroot.files import read_json, to_json, whole, write_json


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_all_files_appear_at_the_end(tmp_path):
    a, b = tmp_path / "new/a.txt", tmp_path / "b.txt"
    with whole(a, b) as [part_a, part_b]:
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
        with whole(tmp_path / "a.txt", tmp_path / "b.txt") as [part, _]:
            part.write_text("new")
            raise error

    with pytest.raises(error):
        interrupted()
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_file_that_was_not_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole(tmp_path / "a.txt", tmp_path / "b.txt") as [_, part]:
        part.write_text("b")
    assert names(tmp_path) == []


def write_slowly(path, text, barrier):
    """Write half, wait for the other writer to have done so too, and write the rest."""
    with whole(path) as [part], part.open("w") as file:
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
    assert read_json(tmp_path / "one.json") == json.loads((tmp_path / "one.json").read_text(encoding="utf-8")) == one
    assert (tmp_path / "one.json").read_bytes().endswith(b"\n")


@pytest.mark.parametrize("value", [math.nan, math.inf, {"a": [-math.inf]}])
def test_json_has_no_nan(tmp_path, value):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(value, tmp_path / "a.json")
    with pytest.raises(ValueError, match="JSON compliant"):
        to_json(value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff"])
def test_a_damaged_json_is_an_error_with_its_name(tmp_path, content):
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(SnakerootError, match=r"a\.json: cannot be read as JSON .*; delete it and run again"):
        read_json(tmp_path / "a.json")


def test_the_usual_permissions(tmp_path):
    mask = os.umask(0o027)
    try:
        write_json(1, tmp_path / "a.json")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_outputs_can_be_read_by_whom_the_umask_allows(tmp_path, mask, mode):
    """Some writers (safetensors) make files for their owner alone, which a group cannot share."""
    before = os.umask(mask)
    try:
        with whole(tmp_path / "a.txt") as [part]:
            part.touch(mode=0o600)
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode
