"""Small projects in a folder of their own: this checkout's workflow, a config, and ntuples made on the spot."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import planner
import uproot
import yaml
from snakeroot.jobs.starter import VARIABLE

REPOSITORY = Path(__file__).parents[1]
BASKET = 50_000
"""Entries of a basket, about as many as other writers put into one."""

WORKFLOW = ("Snakefile", "workflow", "profiles", "envs")


def create(folder: Path, tasks: dict[str, dict[str, Any]], **config: Any) -> Path:
    """Copy the workflow into `folder`, as a clone would have it, and write the config of these tasks."""
    folder.mkdir(parents=True)
    for name in WORKFLOW:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("*.egg-info"))
        else:
            shutil.copy2(source, folder / name)
    (folder / "config/tasks").mkdir(parents=True)
    for name, task in tasks.items():
        write_yaml(folder / f"config/tasks/{name}.yaml", task)
    write_yaml(folder / "config/config.yaml", {"tasks": list(tasks), **config})
    return folder


def write_yaml(path: Path, value: Any) -> None:
    """Write YAML in which each value stands on its own: no anchor makes an edit of one an edit of another."""
    path.write_text(yaml.safe_dump(json.loads(json.dumps(value)), sort_keys=False))


def ntuple(path: Path, signal: bool, events: int, first: int = 0, **more: Any) -> None:
    """Write a tree `events` with run, event, weight, and the branches x, y and z that separate the classes a little."""
    rng = np.random.default_rng([events, first, signal])
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "run": np.full(events, 1 + signal, np.int32),
        "event": np.arange(first, first + events, dtype=np.int64),
        "weight": rng.uniform(0.5, 1.5, events).astype(np.float32),
        **{name: rng.normal(float(signal), 1, events).astype(np.float32) for name in "xyz"},
    }
    with uproot.recreate(path) as file:
        # by name, or uproot writes one of its own choice: a TTree is what most users have
        file.mktree("events", {name: column.dtype for name, column in (columns | more).items()})
        for start in range(0, events, BASKET):
            file["events"].extend({name: column[start : start + BASKET] for name, column in (columns | more).items()})


def task(**changes: Any) -> dict[str, Any]:
    """A binary task on the ntuples above, trained for two epochs."""
    return {
        "kind": "binary",
        "tree": "events",
        "samples": {
            "sig": {"files": ["ntuples/sig.root"], "class": "signal"},
            "bkg": {"files": ["ntuples/bkg_*.root"], "class": "background"},
        },
        "event_id": ["run", "event"],
        "weight": "weight",
        "features": {"x": "x", "y": "y"},
        "models": {"net": {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 2}}},
        "evaluation": {"bootstrap": 20},
        **changes,
    }


STARTERS: dict[str | None, Path] = {}
"""Sockets of `starter.started`, by the seed of hashes: with one, jobs are forks; so is Snakemake without a seed."""


def snakemake(folder: Path, *arguments: str, hash_seed: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run Snakemake in the project."""
    environment = _environment()
    if starter := STARTERS.get(hash_seed):
        environment[VARIABLE] = str(starter)
        if hash_seed is None:
            code, said = planner.snakemake(folder, environment, *arguments)
            return subprocess.CompletedProcess(["snakemake", *arguments], 1 if code is None else code, said)
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _environment() -> dict[str, str]:
    """This process's environment without what makes it import the checkout's package."""
    return {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHASHSEED")}


def run(folder: Path, *arguments: str, **options: Any) -> str:
    """Run the project to its end on two cores; anything but success fails the test with Snakemake's output."""
    done = snakemake(folder, "--cores", "2", *arguments, **options)
    assert done.returncode == 0, done.stdout
    return done.stdout


def dry_run(folder: Path, *arguments: str) -> str:
    """Return what `snakemake -n` says; anything but success fails the test with it."""
    code, said = planner.snakemake(folder, _environment(), "--dry-run", *arguments)
    assert code == 0, said
    return said


def plan(folder: Path, *arguments: str) -> Counter[str]:
    """Return what `snakemake -n` would run: "rule task" (or "rule task model", …) and how often."""
    said = dry_run(folder, *arguments)
    jobs: Counter[str] = Counter()
    for block in re.split(r"^(?:local)?rule ", said, flags=re.MULTILINE)[1:]:
        rule = block.split(":", 1)[0]
        found = re.search(r"^    wildcards: (.*)$", block, flags=re.MULTILINE)
        wildcards = dict(pair.split("=", 1) for pair in found[1].split(", ")) if found else {}
        words = [wildcards[key] for key in ("task", "model", "sample") if key in wildcards]
        jobs[" ".join([rule, *words])] += 1
    if not jobs:
        assert "Nothing to be done" in said, said
    del jobs["all"]
    return jobs


def finish(folder: Path) -> None:
    """Leave what `snakemake -n` sees of a finished run, without its jobs: every output, and Snakemake's records.

    In each output stands its own name. That a run leaves the same records is in tests/end_to_end/test_kinds.py.
    """
    rows = [line.split("\t") for line in snakemake(folder, "--summary").stdout.splitlines()]
    for name in (row[0] for row in rows if row[4:5] == ["missing"]):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    done = snakemake(folder, "--cores", "1", "--touch", "--forceall")
    assert done.returncode == 0, done.stdout
