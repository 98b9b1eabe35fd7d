"""The command line of a stage: its help, its settings, its errors."""

from __future__ import annotations

import importlib
import inspect
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field
from snakeroot.errors import SnakerootError, hint
from snakeroot.jobs import lines
from snakeroot.jobs.command import main
from snakeroot.settings import Settings


class Sizes(Settings):
    """Settings below settings."""

    width: float = Field(gt=0, description="how wide [mm]")


class StageSettings(Settings):
    """Settings of a stage."""

    sizes: Sizes = Field(description="how large")
    color: Literal["red", "blue"] = "red"


def stage(
    settings: StageSettings,
    tables: Annotated[list[Path], "100 % of the tables"],
    cut_flow: Annotated[Path, "JSON file to write"],
) -> None:
    """Do {all} of it: 50 % now."""
    if not tables:
        raise SnakerootError("a.root: no table\n")
    logging.info("working")
    cut_flow.write_text(f"{settings.sizes.width} {settings.color} {[table.name for table in tables]}")


def run(tmp_path, settings, *tables, **spec):
    text = json.dumps({"settings": settings} | spec)
    main(stage, ["--spec", text, "--tables", *tables, "--cut-flow", str(tmp_path / "out.json")])
    return (tmp_path / "out.json").read_text()


def test_settings_and_files_arrive(tmp_path, capsys):
    found = run(tmp_path, {"sizes": {"width": "1e-3"}}, "a b.root", "c'd.root", code="x", packages={"torch": "2"})
    assert found == """0.001 red ['a b.root', "c'd.root"]"""
    assert capsys.readouterr() == ("", "working\n")


def test_the_help_says_what_the_stage_says(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(stage, ["--help"])
    text = capsys.readouterr().out
    for part in ("Do {all} of it: 50 % now.", "--tables", "100 % of the tables", "--cut-flow", "sizes: how large"):
        assert part in text


@pytest.mark.parametrize(
    "module", ["features", "features.normalise", "split", "split.audit", "scale", "train", "predict", "generate"]
)
def test_every_stage_has_a_help(module, capsys):
    package = importlib.import_module(f"snakeroot.{module}")
    code = importlib.import_module(f"snakeroot.{module}.__main__") if hasattr(package, "__path__") else package
    function = getattr(code, module.rpartition(".")[2])
    with pytest.raises(SystemExit, match="0"):
        main(function, ["--help"])
    text = capsys.readouterr().out
    assert inspect.getdoc(function).splitlines()[0] in text
    assert f"usage: python -m snakeroot.{module} " in text.replace("\n", " ")


def fails(capsys, *arguments):
    with pytest.raises(SystemExit) as exit_:
        main(stage, list(arguments))
    assert isinstance(exit_.value.code, str)  # printed on stderr, with exit code 1
    assert capsys.readouterr().out == ""
    return exit_.value.code


def test_an_error_is_one_message(tmp_path, capsys):
    spec = json.dumps({"settings": {"sizes": {"width": 1}}})
    code = fails(capsys, "--spec", spec, "--tables", "--cut-flow", str(tmp_path / "out.json"))
    assert code.strip() == "error: a.root: no table"


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ('{"settings": {"sizes": {"widht": 1}}}', "--spec: settings.sizes: unknown key 'widht': did you mean 'width'?"),
        ('{"settings": {"sizes": {"width": -1}}}', "--spec: settings.sizes.width: Input should be greater than 0"),
        ('{"settings": {}}', "--spec: settings.sizes: Field required"),
        ("{}", "--spec: settings: Field required"),
        ('{"setings": {}}', "--spec: unknown key 'setings': did you mean 'settings'?"),
        ("{", "--spec: Invalid JSON"),
        ('{"settings": {"sizes": {"width": 1}, "color": "green"}}', "--spec: settings.color: Input should be"),
    ],
)  # fmt: skip
def test_a_bad_spec_names_the_key(tmp_path, capsys, spec, says):
    code = fails(capsys, "--spec", spec, "--tables", "a", "--cut-flow", str(tmp_path / "out.json"))
    assert code.startswith(f"error: {says}")
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_not_hidden(tmp_path):
    spec = json.dumps({"settings": {"sizes": {"width": 1}}})
    with pytest.raises(FileNotFoundError):
        main(stage, ["--spec", spec, "--tables", "a", "--cut-flow", str(tmp_path / "no/out.json")])


def test_provenance_is_noted_beside_the_outputs(tmp_path):
    spec = json.dumps({"settings": {"sizes": {"width": 1}}})
    files = ["--tables", "a", "--cut-flow", str(tmp_path / "out.json"), "--provenance", str(tmp_path / "p/p.json")]
    main(stage, ["--spec", spec, *files])
    assert {"host", "start", "end", "python"} <= set(json.loads((tmp_path / "p/p.json").read_text()))


def test_hints():
    assert hint("mas", ["x", "mass"]) == "did you mean 'mass'? Known: x, mass"
    assert hint("q", [f"b{i}" for i in range(9)], 2) == "Known: b0, b1, … (9 in all)"
    assert hint("q", []) == "Known: none"


def test_a_scheduler_that_ends_the_job_leaves_no_temporary_file(tmp_path):
    """SIGTERM while an output is half-written: exit code 143, and nothing lies about."""
    script = tmp_path / "stage.py"
    script.write_text(
        "import time\n"
        "from pathlib import Path\n"
        "from typing import Annotated\n"
        "from snakeroot.jobs.command import main\n"
        "from snakeroot.data.files import atomic\n"
        "from snakeroot.settings import Settings\n"
        "def stage(settings: Settings, output: Annotated[Path, 'text']) -> None:\n"
        "    with atomic(output) as [part]:\n"
        "        part.write_text('half')\n"
        "        time.sleep(60)\n"
        "main(stage)\n"
    )
    folder = tmp_path / "out"
    command = [sys.executable, str(script), "--spec", '{"settings": {}}', "--output", str(folder / "o.txt")]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}) as job:
        while not (folder.exists() and any(folder.iterdir())):
            assert job.poll() is None
            time.sleep(0.01)
        job.terminate()
    assert job.returncode == 143
    assert list(folder.iterdir()) == []


def test_a_terminal_obeys_nothing_in_what_is_said(capsys):
    """Names of branches, and what servers say, may hold commands to it; lines stay lines."""
    said = str(SnakerootError("no branch 'a\x1b[2J\x9b\u202e'\nand \ud800 é"))
    assert said == "no branch 'a\\x1b[2J\\x9b\\u202e'\nand \\ud800 é"
    handlers = logging.getLogger().handlers[:]
    try:
        lines.begin(logging.INFO, anew=True)
        logging.info("%s", "read \x1b]0;title\x07")
    finally:
        logging.getLogger().handlers[:] = handlers
    assert capsys.readouterr().err == "read \\x1b]0;title\\x07\n"
