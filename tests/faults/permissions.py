"""What may not be read or written: one message names it, nothing is half-written, and it goes on when it may.

Where these tests are root, whom no permission binds, the runs are root without the capabilities that are why.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from faults import _project, _runs
from faults._tally import SkippedError, Tally

FULL = 10
SHORT = 1

BOUND = "-dac_override,-dac_read_search"
"""Capabilities without which permissions bind root too."""

TARGET = "results/mine/normalisation.json"


class Denial(NamedTuple):
    """Something that is not allowed.

    Attributes:
        accident: for the table.
        deny: makes it so in a project, and returns how it is undone.
        says: what the message has to have; nothing if there is nothing to be said, as the run needs no such permission.
    """

    accident: str
    deny: Callable[[Path, random.Random], Callable[[], None]]
    says: tuple[str, ...]


def try_all(count: int, folder: Path) -> list[Tally]:
    """Deny each of these so many times."""
    tallies = []
    for denial in DENIALS:
        tally, chance = Tally(denial.accident), random.Random(1)  # noqa: S311 - choices, no secrets
        for number in range(count):
            project = _project.copy(folder / f"{len(tallies)}-{number}", fresh=True)
            with tally.attempt(f"{number}") as one:
                one.how = _denied(project, denial, chance)
        tallies.append(tally)
    return tallies


def _denied(project: Path, denial: Denial, chance: random.Random) -> str:
    (project / "results").mkdir(exist_ok=True)
    undo = denial.deny(project, chance)
    try:
        done = _run(project)
        if denial.says:
            lines = [line for line in done.stdout.splitlines() if all(word in line for word in denial.says)]
            assert done.returncode, f"it ended as if it were allowed: {done.stdout}"
            assert lines, done.stdout
            assert "Traceback" not in done.stdout, done.stdout
            _project.whole_or_absent(project)
    finally:
        undo()
    if denial.says:
        done = _run(project)
    assert done.returncode == 0, done.stdout
    _project.whole_or_absent(project)
    assert (project / TARGET).exists()
    return "one message names it; then the same bytes" if denial.says else "needs no such permission: the same bytes"


def _run(project: Path) -> subprocess.CompletedProcess[str]:
    """Run as somebody whom permissions bind."""
    words = [sys.executable, "-m", "snakeroot.cli", "run", "--cores", "1", TARGET]
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            raise SkippedError("root is bound by no permission, and there is no setpriv to change that")
        words = ["setpriv", f"--bounding-set={BOUND}", f"--inh-caps={BOUND}", *words]
    environment = _runs.environment(project)
    return subprocess.run(
        words, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def _closed(names: str, mode: int) -> Callable[[Path, random.Random], Callable[[], None]]:
    """Take permissions from a file or folder, chosen among several; undone, its owner has all of them."""

    def deny(project: Path, chance: random.Random) -> Callable[[], None]:
        path = chance.choice(sorted(project.glob(names))) if names else project
        path.chmod(mode)
        return lambda: path.chmod(0o755)

    return deny


def _read_only(project: Path, chance: random.Random) -> Callable[[], None]:
    """Have the results on a disk that is mounted for reading alone."""
    disk = _project.small_disk(project / "results", 2**26)
    path = disk.__enter__()
    path.chmod(0o777)
    subprocess.run(["mount", "-o", "remount,ro", path], check=True)

    def undo() -> None:
        disk.__exit__(None, None, None)
        path.chmod(0o777)

    return undo


DENIALS = (
    Denial("an ntuple may not be read", _closed("ntuples/*.root", 0), ("ntuples/", "cannot be read", "denied")),
    Denial("ntuples and their folder are read-only", _closed("ntuples", 0o555), ()),
    Denial("the results may not be written", _closed("results", 0o555), ("Permission denied", "results/mine")),
    Denial("nothing in the working folder may be written", _closed("", 0o555), (".snakemake", "cannot be written")),
    Denial("the disk of the results is read-only", _read_only, ("Read-only file system", "results/mine")),
)
