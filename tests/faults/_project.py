"""A small project with jobs of most stages, run once, and copies of it for accidents to happen in."""

from __future__ import annotations

import atexit
import functools
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import projects
from faults._tally import SkippedError
from snakeroot.origins import records
from snakeroot.origins.records import Record

SEARCH = {"sampler": "random", "rounds": 1, "trials_per_round": 1, "space": {"max_leaf_nodes": {"int": [2, 8]}}}
TARGETS = (
    "results/mine/metrics.json",
    "results/mine/models/net/model.onnx",
    "results/mine/models/net/friends/sig",
    "results/mine/models/net/templates/fit.json",
    "results/mine/models/trees/card.md",
    "results/mine/models/trees/importance.json",
    "results/mine/plots/roc.svg",
)
"""What is made: something of each stage but generation and report, and few of the figures, of which there are most."""

MADE = ("results", "provenance", "logs", "times", "checkpoints", ".snakemake")
"""What a run leaves."""


def create(folder: Path) -> Path:
    """Write the project: two models, one of them searched, calibration, templates, friends."""
    templates = {
        "background": ["bkg"],
        "regions": {"all": {"observable": "score", "binning": [0, 0.5, 1]}},
    }
    models = {
        "net": {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 3}, "calibration": "temperature"},
        "trees": {"architecture": "gbdt", "training": {"max_epochs": 3}, "tuning": SEARCH},
    }
    task = projects.task(models=models, templates=templates, friends={"format": "TTree"})
    projects.create(folder, {"mine": task})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=600)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=600)
    return folder


@functools.cache
def finished() -> Path:
    """Return the project after an undisturbed run; it is made once, and nothing may be changed in it."""
    folder = Path(tempfile.mkdtemp(prefix="snakeroot-faults-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    projects.run(create(folder / "project"), *TARGETS)
    return folder / "project"


def copy(folder: Path, *, fresh: bool = False) -> Path:
    """Copy the finished project with all times; or `fresh`, as it was before its run."""
    names = shutil.ignore_patterns(*MADE) if fresh else None
    return Path(shutil.copytree(finished(), folder, symlinks=True, ignore=names))


def content(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all results by path; of ROOT files, which have times in them, only that they are there."""
    paths = (path for path in (folder / "results").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): b"" if path.suffix == ".root" else path.read_bytes() for path in paths}


def as_undisturbed(folder: Path) -> None:
    """Check that all results have the bytes of the undisturbed run.

    Raises:
        AssertionError: with the names of others.
    """
    expected, found = content(finished()), content(folder)
    assert found == expected, f"other results: {sorted(differing(expected, found))}"


def whole_or_absent(folder: Path) -> None:
    """Check that each result is that of the undisturbed run, or is not there.

    Raises:
        AssertionError: with the names of others.
    """
    expected, found = content(finished()), content(folder)
    wrong = {path for path in differing(expected, found) if path in found}
    assert not wrong, f"neither whole nor absent: {sorted(wrong)}"


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    """Return the names that only one has, or that are not the same in both."""
    return {path for path in {*one, *other} if one.get(path) != other.get(path)}


def jobs() -> dict[str, list[Record]]:
    """Return the records of the jobs whose outputs are all results, by stage: the module that ran, with the figure."""
    found: dict[str, list[Record]] = {}
    for record in records.every(finished() / records.FOLDER):
        if all(name.startswith(records.RESULTS) for name in record.outputs):
            found.setdefault(record.stage, []).append(record)
    return dict(sorted(found.items()))


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[Path]:
    """Have a disk of so many bytes at a folder.

    Raises:
        SkippedError: if this process may not mount one.
    """
    path.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SkippedError("no permission to mount a small disk")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)
