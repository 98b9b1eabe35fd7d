"""What changes while it is read is an error, before any output has its name; what is read and written is not."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from projects import REPOSITORY
from snakeroot.data.changes import check, stamps, watched
from snakeroot.data.files import atomic, atomic_folder, write_json
from snakeroot.errors import FaultError, SnakerootError
from snakeroot.jobs.command import WRITTEN, main
from snakeroot.settings import Settings


def replaced(path: Path) -> None:
    path.with_name("new").write_text("other")
    path.with_name("new").replace(path)


CHANGES: dict[str, Callable[[Path], Any]] = {
    "was removed": lambda path: path.unlink(),
    "was replaced": replaced,
    "was written to": lambda path: path.write_text("more than there was"),
}


@pytest.fixture
def read(tmp_path: Path) -> Path:
    path = tmp_path / "a.root"
    path.write_text("some")
    os.utime(path, (1, 1))
    return path


@pytest.mark.parametrize("how", CHANGES)
def test_a_changed_input_leaves_no_output(tmp_path: Path, read: Path, how: str) -> None:
    (tmp_path / "out").mkdir()
    says = rf"a\.root: {how} while this job read it: when .*, run again"
    with pytest.raises(FaultError, match=says), watched(stamps([read])), atomic(tmp_path / "out/b") as [part]:  # noqa: PT012
        part.write_text("made")
        CHANGES[how](read)
    assert not list((tmp_path / "out").iterdir())
    replaced(read)
    with pytest.raises(FaultError, match=says), watched(stamps([read])), atomic_folder(tmp_path / "out/b"):
        CHANGES[how](read)
    assert not list((tmp_path / "out").iterdir())


def test_what_a_changed_input_leads_to_is_not_the_message(read: Path) -> None:
    says = r"a\.root: was removed while .* \(which led to: truncated\)"
    with pytest.raises(FaultError, match=says), watched(stamps([read])):  # noqa: PT012
        read.unlink()
        raise ValueError("truncated")
    with pytest.raises(ValueError, match="wrong"), watched(stamps([read])):
        raise ValueError("wrong")


def test_what_is_not_there_folders_and_those_of_another_job_are_not_watched(tmp_path: Path, read: Path) -> None:
    with watched(stamps([tmp_path, tmp_path / "later"])):
        (tmp_path / "later").write_text("")
        (tmp_path / "one more").write_text("")
    with watched(stamps([read])):
        with watched({}):  # as a trial, which is a fork of its job
            read.write_text("for a moment")
            check()
            read.write_text("some")
            os.utime(read, (1, 1))
        check()
    read.unlink()
    check()


class Nothing(Settings):
    """Settings of a stage without any."""


def stage(
    settings: Nothing,
    table: Annotated[list[Path], "file to read"],
    state: Annotated[Path, "file to write now and then, and to go on from"],
    out: Annotated[Path, "what it is, to be written (JSON)"],
) -> None:
    """Do what the file says."""
    del settings
    exec(json.loads(table[0].read_text())["do"])  # noqa: S102 - the tests' own
    state.write_text("state")
    write_json({}, out)


@pytest.mark.parametrize(
    ("do", "code", "says"),
    [
        ("", 0, ""),
        ("state.write_text('of another job')", 0, ""),
        ("table[1].write_text('other')", FaultError.code, "b: was written to while this job read it: when"),
        ("table[1].unlink(); open(table[1])", FaultError.code, r"b: was removed while .*\(which led to: .*No such"),
        ("raise MemoryError('Unable to allocate 8 GB')", 1, "out of memory: Unable to allocate 8 GB: ask for less"),
        ("raise MemoryError", 1, "out of memory: MemoryError: ask for less"),
        ("raise RuntimeError('DefaultCPUAllocator: can\\'t allocate memory')", 1, "out of memory: DefaultCPU"),
        ("raise FaultError('full')", FaultError.code, "error: full$"),
        ("raise SnakerootError('mend it')", SnakerootError.code, "error: mend it$"),
        ("raise RuntimeError('another')", None, "another"),
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_how_a_command_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], do: str, code: int | None, says: str, recorded: bool
) -> None:
    for name in ("b", "state"):
        (tmp_path / name).write_text("")
    (tmp_path / "a").write_text(json.dumps({"do": do}))
    words = ["--spec", '{"settings": {}}', "--table", str(tmp_path / "a"), str(tmp_path / "b")]
    words += ["--state", str(tmp_path / "state"), "--out", str(tmp_path / "out")]
    words += ["--provenance", str(tmp_path / "provenance.json")] if recorded else []
    if code == 0:
        main(stage, words)
        assert (tmp_path / "out").exists()
        return
    with pytest.raises(RuntimeError if code is None else SystemExit) as ended:
        main(stage, words)
    assert not (tmp_path / "out").exists()
    assert re.search(says, str(ended.value))
    if code == FaultError.code:
        assert isinstance(ended.value, SystemExit)
        assert ended.value.code == code
        assert capsys.readouterr().err == f"{ended.value}\n"


OPTION = re.compile(r'^    (\w+): Annotated\[\s*(?:list\[)?Path\]?, "([^"]*)"', re.MULTILINE)
COMMAND = re.compile(r'"python -m snakeroot\.([\w.]+) .*(?:\n +".*)*')


def test_what_commands_say_of_their_files_is_what_rules_do_with_them() -> None:
    """Watched is what is read, by the help of each option; a checkpoint is read and written by turns."""
    known = 0
    for path in (REPOSITORY / "workflow/rules").glob("*.smk"):
        for found in COMMAND.finditer(path.read_text()):
            module = REPOSITORY / "workflow/snakeroot" / found[1].replace(".", "/")
            file = module / "__main__.py" if module.is_dir() else module.with_suffix(".py")
            said = {
                name.replace("_", "-"): bool(WRITTEN.search(text)) for name, text in OPTION.findall(file.read_text())
            }
            for option, filled in re.findall(r"--([\w-]+) \{((?:input|output|params\.checkpoint)[^}]*)", found[0]):
                if option in said:
                    known += 1
                    assert said[option] != filled.startswith("input"), (path.name, option, filled)
    assert known > 100
