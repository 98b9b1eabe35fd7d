"""kill -9 of a whole run, with all that it has started, at random moments: the same command finishes it.

A run is killed three times in its course, each time when a random number of its results is there and a random part of a
second later. So the moments are spread over the run, however fast the machine is.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from faults import _project
from faults._tally import Tally
from snakeroot.jobs.starter import VARIABLE

FULL = 30
SHORT = 2

COURSES = 3
"""Kills of one run."""

LIMIT = 600
"""Seconds after which a run hangs."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Kill runs so many times."""
    tally, chance = Tally("kill -9 of the whole run, at a random moment"), random.Random(1)  # noqa: S311 - no secrets
    while tally.tried < count:
        kills = min(COURSES, count - tally.tried)
        moments = [(moment, chance.uniform(0, 1)) for moment in sorted(chance.uniform(0, 0.9) for _ in range(kills))]
        project = _project.copy(folder / f"run{tally.tried}", fresh=True)
        failure = ""
        try:
            _survives(project, moments)
        except AssertionError as error:
            failure = str(error)
        for moment, later in moments:
            with tally.attempt(f"{later:.2f} s after {moment:.0%} of its results were there") as one:
                assert not failure, failure
                one.how = "the same command ends with the bytes of an undisturbed run"
        shutil.rmtree(project)
    return [tally]


def _survives(project: Path, moments: list[tuple[float, float]]) -> None:
    expected = len(_project.content(_project.finished()))
    for share, later in moments:
        with _begun(project) as run:
            _until(lambda: _visible(project) >= share * expected or run.poll() is not None)  # noqa: B023 - now
            time.sleep(later)
            assert run.poll() is None, f"it ended by itself:\n{_said(project)}"
            _kill(run)
        _project.whole_or_absent(project)
    with _begun(project) as run:
        _until(lambda: run.poll() is not None)
    assert run.returncode == 0, _said(project)
    assert "the last run was killed: removing its lock" in _said(project), _said(project)
    _project.as_undisturbed(project)


@contextlib.contextmanager
def _begun(project: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command as a user does; no process of it is left at the end."""
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    environment["PYTHONPATH"] = str(project / "workflow")
    with (project / "said.txt").open("w") as said:
        command = [sys.executable, "-m", "snakeroot.cli", "run", "--cores", "2"]
        with subprocess.Popen(command, cwd=project, env=environment, stdout=said, stderr=said) as run:
            try:
                yield run
            finally:
                _kill(run)


def _kill(run: subprocess.Popen[bytes]) -> None:
    """Kill it and all that it has started: all of them are stopped first, as if at one instant."""
    if run.poll() is not None:
        return
    stopped: dict[int, psutil.Process] = {}
    while new := {one.pid: one for one in _tree(run.pid) if one.pid not in stopped}:
        for process in new.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        stopped |= new
    for process in stopped.values():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    run.wait()


def _tree(process: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(process)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.02)


def _visible(project: Path) -> int:
    """Return how many results are there under their own names."""
    return sum(path.is_file() and path.name[0] != "." for path in (project / "results").rglob("*"))


def _said(project: Path) -> str:
    return (project / "said.txt").read_text()
