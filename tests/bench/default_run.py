"""What a new user waits for: a fresh clone, `make run`, then `snakemake -n` on the finished run.

The short form makes the clone and says what it would do, in this environment.

Committed files only. Generation is from the start of the first generate job to the end of the last.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from projects import REPOSITORY
from snakeroot.data.files import read_json

LIMITS = {"run": 600.0, "generation": 60.0, "plan": 5.0}
"""Seconds that were asked for, on two cores."""


class Size(NamedTuple):
    """What is done in the clone."""

    environment: list[str]
    run: list[str]
    plan: list[str]
    finished: bool


FULL = Size(["make", ".venv/run.stamp"], ["make", "run"], [".venv/bin/snakemake", "-n"], finished=True)
SHORT = Size(
    ["make", "--dry-run", ".venv/run.stamp"],
    ["make", "--dry-run", "run"],
    [sys.executable, "-m", "snakemake", "-n"],
    finished=False,
)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds, and for each limit the ratio limit / seconds: at least 1 where it is kept."""
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "snakeroot"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        environment = _timed(size.environment, clone)
        seconds = {"run": environment + _timed(size.run, clone), "plan": _timed(size.plan, clone)}
        more = of_finished(clone) if size.finished else {}
    seconds |= {"generation": more.pop("seconds_generation")} if more else {}
    return more | {
        **{f"ratio_{key}": LIMITS[key] / value for key, value in seconds.items()},
        **{f"seconds_{key}": value for key, value in seconds.items()},
        "seconds_environment": environment,
    }


def of_finished(folder: Path) -> dict[str, float]:
    """Return what a finished run says of itself: CPU time, seconds of generation, and the AUC with its interval."""
    every = [read_json(path) for path in (folder / "provenance").rglob("*.json")]
    jobs = [read_json(path) for path in (folder / "provenance/ntuples").glob("*/*.root.json")]
    test = read_json(folder / "results/vbf-higgs/metrics.json")["models"]["mlp"]["test"]
    return {
        "seconds_generation": max(_time(job["end"]) for job in jobs) - min(_time(job["start"]) for job in jobs),
        "cpu_seconds": sum(job["cpu_seconds"] for job in every),
        "cpu_seconds_generation": sum(job["cpu_seconds"] for job in jobs),
        **{key: test[key] for key in ("auc", "auc_low", "auc_high")},
    }


def _timed(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
