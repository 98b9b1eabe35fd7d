"""What a new user waits for: a fresh clone, `make run`, then `snakemake -n` on the finished run.

Committed files only. Generation is from the start of the first generate job to the end of the last.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path

from projects import REPOSITORY

LIMITS = {"run": 600.0, "generation": 60.0, "plan": 5.0}
"""Seconds that were asked for, on two cores."""


def measure() -> dict[str, float]:
    """Return seconds, and for each limit the ratio limit / seconds: at least 1 where it is kept."""
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "snakeroot"
        subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True)
        environment = _timed(["make", ".venv/run.stamp"], clone)
        run = environment + _timed(["make", "run"], clone)
        plan = _timed([".venv/bin/snakemake", "-n"], clone)
        jobs = [json.loads(p.read_text()) for p in (clone / "provenance/ntuples").glob("*/*.root.json")]
        generation = max(_time(job["end"]) for job in jobs) - min(_time(job["start"]) for job in jobs)
        cpu = sum(job["cpu_seconds"] for job in jobs)
        test = json.loads((clone / "results/vbf-higgs/metrics.json").read_text())["models"]["mlp"]["test"]
    seconds = {"run": run, "generation": generation, "plan": plan}
    return {
        **{f"ratio_{key}": LIMITS[key] / value for key, value in seconds.items()},
        **{f"seconds_{key}": value for key, value in seconds.items()},
        "seconds_environment": environment,
        "cpu_seconds_generation": cpu,
        "auc": test["auc"],
    }


def _timed(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
