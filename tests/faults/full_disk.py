"""The disk is full in the middle of a stage: one message names the output, none looks whole, and it goes on later.

The results of a finished run lie on a small disk. One job's are removed, the disk is filled up to less than they take,
and the job is run: it has to fail. Then there is room again, and the same command has to make what was there before.
The other time all of a project is on a disk that is too small for its run, until that is made larger.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import projects
from faults import _project
from faults._tally import SkippedError, Tally
from snakeroot.origins.records import Record

FULL = 30
SHORT = 3

SIZE = 64 * 2**20
PAGE = 4096
"""Bytes of the least that such a disk gives away."""

RUNS = 15
"""Jobs for each whole run that is tried."""

Chance = random.Random


def try_all(count: int, folder: Path) -> list[Tally]:
    """Fill the disk for so many jobs, of all stages in turn, and for some whole runs."""
    results = Tally("the disk of the results is full in the middle of a stage")
    everything = Tally("the disk of the whole folder is full in the middle of a run")
    for tally, trial, times in ((results, _jobs, count), (everything, _runs, -(-count // RUNS))):
        try:
            trial(tally, times, folder / trial.__name__, random.Random(1))  # noqa: S311 - room, no secrets
        except SkippedError as why:
            tally.skipped = str(why)
    return [results, everything]


def _jobs(tally: Tally, count: int, folder: Path, chance: Chance) -> None:
    stages = sorted(_project.jobs().items())
    project = _project.copy(folder / "project")
    shutil.move(project / "results", folder / "made")
    with _project.small_disk(project / "results", SIZE):
        shutil.copytree(folder / "made", project / "results", dirs_exist_ok=True)
        for number in range(count):
            stage, jobs = stages[number % len(stages)]
            record = chance.choice(jobs)
            with tally.attempt(f"{stage}: {next(iter(record.outputs))}") as one:
                _fill(project, record, chance)
                one.how = "one message names the output, and later the same bytes"


def _fill(project: Path, record: Record, chance: Chance) -> None:
    outputs = [name for name in record.outputs if (project / name).exists()]
    needed = sum(-(-(project / name).stat().st_size // PAGE) for name in outputs)
    for name in outputs:
        (project / name).unlink()
    ballast = project / "results/ballast"
    with ballast.open("wb") as file:
        free = os.statvfs(project / "results").f_bavail
        os.posix_fallocate(file.fileno(), 0, (free - chance.randrange(needed)) * PAGE)
    try:
        done = projects.snakemake(project, "--cores", "1", outputs[0])
    finally:
        ballast.unlink()
    said = [line for line in done.stdout.splitlines() if "cannot be written, as the disk is full" in line]
    assert done.returncode == 1, f"it ended as if there were room: {done.stdout}"
    assert said, done.stdout
    assert any(name in said[0] for name in outputs), said
    assert "Traceback" not in done.stdout, done.stdout
    _project.whole_or_absent(project)
    projects.run(project, outputs[0])
    _project.as_undisturbed(project)


def _runs(tally: Tally, count: int, folder: Path, chance: Chance) -> None:
    before, after = (_size(_project.copy(folder / name, fresh=name == "fresh")) for name in ("fresh", "finished"))
    for number in range(count):
        size = before + int(chance.uniform(0, 0.95) * (after - before))
        with _project.small_disk(folder / f"disk{number}", size) as disk:
            project = Path(shutil.copytree(folder / "fresh", disk / "project"))
            with tally.attempt(f"{size - before} of {after - before} bytes") as one:
                done = projects.snakemake(project, "--cores", "2", *_project.TARGETS)
                assert done.returncode, "it ended as if there were room"
                assert "disk is full" in done.stdout or "No space left on device" in done.stdout, done.stdout
                _project.whole_or_absent(project)
                subprocess.run(["mount", "-o", f"remount,size={SIZE}", disk], check=True)
                projects.run(project, *_project.TARGETS)
                _project.as_undisturbed(project)
                one.how = "it says so, and with more room goes on to the same bytes"


def _size(folder: Path) -> int:
    """Return the bytes that a folder takes on such a disk, where each folder and file has whole pages."""
    return sum(PAGE * max(-(-path.stat().st_size // PAGE), 1) for path in folder.rglob("*"))
