"""Used as a module of another workflow: its own code and captions, that workflow's config, data and rules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import projects
import pytest
from snakeroot.data.files import read_json
from snakeroot.jobs.starter import VARIABLE

OUTER = """
configfile: "config.yaml"

module snakeroot:
    snakefile: "../clone/Snakefile"
    config: config["snakeroot"]
    {more}

use rule * from snakeroot {renamed}

rule everything:
    default_target: True
    input: rules.{all}.input, "which.txt"

rule which:
    output: "which.txt"
    shell: "{before}python tell.py > {{output}}"
"""

RENAMED, BELOW = (
    {"more": "", "renamed": "as own_*", "all": "own_all"},
    {
        "more": 'prefix: "below"',
        "renamed": "",
        "all": "all",
    },
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A clone without config, and beside it a folder to work in, with data, tasks and an unlike config of its own."""
    projects.create(tmp_path / "clone", {})
    shutil.rmtree(tmp_path / "clone/config")
    (tmp_path / "work/tasks").mkdir(parents=True)
    projects.write_yaml(tmp_path / "work/tasks/mine.yaml", projects.task(features={"x": "x"}))
    config = {"tasks": ["mine"], "task_folder": "tasks", "accelerator": "cpu"}
    projects.write_yaml(tmp_path / "work/config.yaml", {"samples": "of the outer workflow", "snakeroot": config})
    projects.ntuple(tmp_path / "work/ntuples/sig.root", signal=True, events=300)
    projects.ntuple(tmp_path / "work/ntuples/bkg_0.root", signal=False, events=300)
    other = tmp_path / "installed/snakeroot/__init__.py"
    other.parent.mkdir(parents=True)
    other.write_text("raise ImportError('another snakeroot, which is installed')")
    theirs = tmp_path / "bin/python"
    theirs.parent.mkdir()
    theirs.write_text('#!/bin/sh\necho "theirs: $*"\n')
    theirs.chmod(0o755)
    return tmp_path


def write_outer(place: Path, head: str = "", tail: str = "", **how: str) -> None:
    """Write the other workflow, with some lines of its own around the module."""
    (place / "outer").mkdir()
    (place / "outer/Snakefile").write_text(head + OUTER.format(before="before; " if head else "", **how) + tail)


def snakemake(place: Path, *arguments: str, forks: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the outer workflow from a third folder, with another Python first in PATH and another snakeroot installed.

    Args:
        forks: whether its jobs may be forks, and not processes of their own, as those of modules are.
    """
    environment = {**os.environ, "PYTHONPATH": str(place / "installed")}
    environment["PATH"] = os.pathsep.join([str(place / "bin"), environment["PATH"]])
    if forks and (starter := projects.STARTERS.get(None)):
        environment[VARIABLE] = str(starter)
    where = ["--snakefile", str(place / "outer/Snakefile"), "--directory", str(place / "work")]
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *where, *arguments],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def explain(work: Path, file: str) -> str:
    """Return what `snakeroot explain` says there of a file."""
    command = [sys.executable, "-m", "snakeroot.cli", "explain", file, "--snakefile", "../outer/Snakefile"]
    environment = {**os.environ, "PYTHONPATH": str(projects.REPOSITORY / "workflow")}
    return subprocess.run(
        command,
        cwd=work,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


PREFIX = 'shell.prefix("set -eu; before() {{ :; }}; ")\n'


def test_to_the_end_under_other_names(place):
    write_outer(place, PREFIX, **RENAMED)
    done = snakemake(place, "--cores", "2", forks=True)
    assert done.returncode == 0, done.stdout
    work = place / "work"
    assert (work / "which.txt").read_text() == "theirs: tell.py\n"
    assert set(read_json(work / "results/mine/metrics.json")["models"]) == {"net"}
    assert read_json(work / "provenance/mine/metrics.json.json")["directory"] == str(work)
    assert sorted(path.name for path in work.iterdir() if not path.name.startswith(".")) == [
        *("config.yaml", "logs", "ntuples", "provenance", "results", "tasks", "which.txt"),
    ]
    report = place / "report.html"
    made = snakemake(place, "--report", str(report))
    assert made.returncode == 0, made.stdout
    caption = (projects.REPOSITORY / "workflow/report/roc.rst").read_text().split(".")[0]
    assert re.sub(r"\s+", " ", caption)[:40] in re.sub(r"\s+", " ", report.read_text())
    again = snakemake(place, "--cores", "2")
    assert "Nothing to be done" in again.stdout, again.stdout
    said = explain(work, "results/mine/metrics.json")
    assert "made by rule own_metrics (task mine): python -m snakeroot.evaluate.metrics\n" in said
    assert "now: no: settings, code, packages and inputs are those that made it\n" in said
    assert said.endswith(" run --force results/mine/metrics.json --snakefile ../outer/Snakefile\n")
    assert explain(work, "which.txt") == "error: which.txt: rule which is not Snakeroot's and keeps no record\n"


def test_a_prefix_holds_for_all_that_is_made_and_not_for_the_data(place):
    write_outer(place, PREFIX, **BELOW)
    done = snakemake(
        place, "--cores", "2", "below/results/mine/split/audit.json", "below/results/mine/normalisation.json"
    )
    assert done.returncode == 0, done.stdout
    work = place / "work"
    assert sorted(path.name for path in (work / "below").iterdir()) == ["logs", "provenance", "results"]
    assert not (work / "results").exists()
    assert read_json(work / "below/provenance/mine/split/audit.json.json")["directory"] == str(work)
    planned = snakemake(place, "--dry-run", "--printshellcmds", "everything", "below/records/mlflow")
    assert planned.returncode == 0, planned.stdout
    assert "below/results/report.html" in planned.stdout
    assert "--trained below/provenance/mine/models/net/fold0-replica0/model.json.json" in planned.stdout
    assert "--records below/records/mlflow" in planned.stdout


def test_a_prefix_of_the_shell_that_would_take_the_code_away_is_refused(place):
    write_outer(place, tail='shell.prefix("set -eu; ")\n', **RENAMED)
    done = snakemake(place, "--dry-run")
    assert done.returncode == 1
    assert "shell.prefix was called after Snakeroot's Snakefile" in done.stdout
