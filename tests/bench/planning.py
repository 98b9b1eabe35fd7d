"""What `snakemake -n` takes: of the finished default run, of many ntuples, and of many searches.

Whole processes. Nothing is computed: the outputs of the default run are empty files that Snakemake is told are
finished, and the ntuples are one file under many names. Each is planned once before, as Python and Snakemake keep what
they have compiled and copied.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import projects
from projects import REPOSITORY

LIMITS = {"finished": 2.0, "ntuples": 6.0, "searches": 20.0}
"""Seconds that were asked for."""
SNAKEMAKE = [sys.executable, "-m", "snakemake"]
EMPTY = "rule all:\n    shell:\n        'true'\n"


class Size(NamedTuple):
    """How much is planned."""

    shipped: list[str]
    ntuples: int
    tasks: int
    models: int
    trials: int


FULL = Size(["vbf-higgs", "higgs-production", "higgs-clusters"], ntuples=1000, tasks=20, models=5, trials=100)
SHORT = Size(["gradient-descent"], ntuples=3, tasks=2, models=1, trials=4)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds, CPU seconds and MB of each, and of what Snakemake takes for a workflow of one rule."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty").mkdir()
        (folder / "empty/Snakefile").write_text(EMPTY)
        finished(folder / "finished", size)
        ntuples(folder / "ntuples", size)
        searches(folder / "searches", size)
        for project in ("empty", *LIMITS):
            plan(folder / project)
            found |= {f"{project} {key}": value for key, value in plan(folder / project).items()}
    return found | {f"ratio_{key}": limit / found[f"{key} seconds"] for key, limit in LIMITS.items()}


def finished(folder: Path, size: Size) -> None:
    """Make the project of a clone whose run has ended."""
    projects.create(folder, {})
    projects.write_yaml(folder / "config/config.yaml", {"tasks": size.shipped})
    shutil.copytree(REPOSITORY / "config/tasks", folder / "config/tasks", dirs_exist_ok=True)
    shutil.copytree(REPOSITORY / "workflow/report", folder / "workflow/report", dirs_exist_ok=True)
    summary = subprocess.run([*SNAKEMAKE, "--summary"], cwd=folder, capture_output=True, text=True, check=True).stdout
    for line in summary.splitlines()[1:]:
        output = folder / line.split("\t")[0]
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.parent.name == "friends":
            output.mkdir()
        else:
            output.touch()
    subprocess.run([*SNAKEMAKE, "--touch", "--cores", "1"], cwd=folder, capture_output=True, check=True)
    said = subprocess.run([*SNAKEMAKE, "-n"], cwd=folder, capture_output=True, text=True, check=True).stdout
    if "Nothing to be done" not in said:
        raise RuntimeError(f"the run is not finished: {said[-2000:]}")


def ntuples(folder: Path, size: Size) -> None:
    """Make a project of many ntuples."""
    projects.create(folder, {"task": projects.task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=10)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=10)
    for number in range(1, size.ntuples - 1):
        os.link(folder / "ntuples/bkg_0.root", folder / f"ntuples/bkg_{number}.root")


def searches(folder: Path, size: Size) -> None:
    """Make a project of many tasks with many searches."""
    tuning: dict[str, Any] = {
        "rounds": min(10, size.trials),
        "trials_per_round": max(size.trials // 10, 1),
        "space": {"training.learning_rate": {"float": [0.001, 0.1], "log": True}},
    }
    model = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2}, "tuning": tuning}
    task = projects.task(models={f"net{number}": model for number in range(size.models)})
    projects.create(folder, {f"task{number}": task for number in range(size.tasks)}, max_jobs=100_000)
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=10)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=10)


def plan(folder: Path) -> dict[str, float]:
    """Return what a plan takes."""
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*SNAKEMAKE, "-n", "--quiet"], cwd=folder, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        if process.wait() or status:
            said.seek(0)
            raise RuntimeError(said.read().decode()[-2000:])
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "MB": used.ru_maxrss / 1024,
    }
