"""A job that stops answering: it can be woken or killed, or its run ended, and the bytes are the same in the end."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from faults import _project, _runs
from faults._tally import Tally

FULL = 5
SHORT = 1

PAUSE = 3
"""Seconds for which a job is stopped."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Stop jobs so many times for each way out."""
    tallies = []
    for accident, trial in ACCIDENTS.items():
        tally, chance = Tally(accident), random.Random(1)  # noqa: S311 - moments, no secrets
        for number in range(count):
            project = _project.copy(folder / f"{len(tallies)}-{number}", fresh=True)
            with tally.attempt(f"{number}") as one, _stopped(project, chance) as (run, job):
                one.how = trial(project, run, job)
        tallies.append(tally)
    return tallies


@contextlib.contextmanager
def _stopped(project: Path, chance: random.Random) -> Iterator[tuple[subprocess.Popen[bytes], psutil.Process]]:
    """Begin a run and stop a job of it for a while; yield both."""
    wanted = chance.uniform(0.02, 0.8) * len(_project.content(_project.finished()))
    with _runs.begun(project) as run:
        _runs.until(lambda: _runs.visible(project) >= wanted)
        found: list[psutil.Process] = []

        def at_work() -> bool:
            found[:] = _jobs(run.pid)
            return bool(found) or run.poll() is not None

        _runs.until(at_work)
        job = chance.choice(found)
        job.suspend()
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.wait(PAUSE)
        assert run.poll() is None, _runs.said(project)
        yield run, job


def _jobs(run: int) -> Iterator[psutil.Process]:
    """Yield the jobs that a run is at: forks of the starter, below the forks that see to them."""
    with contextlib.suppress(psutil.Error):
        for process in psutil.Process(run).children(recursive=True):
            if any(word.endswith("jobs/starter.py") for word in process.cmdline()):
                for between in process.children():
                    yield from between.children()
                return


def _woken(project: Path, run: subprocess.Popen[bytes], job: psutil.Process) -> str:
    job.resume()
    _runs.until(lambda: run.poll() is not None)
    assert run.returncode == 0, _runs.said(project)
    _project.as_undisturbed(project)
    return "the run ends with the same bytes"


def _killed(project: Path, run: subprocess.Popen[bytes], job: psutil.Process) -> str:
    job.kill()
    _runs.until(lambda: run.poll() is not None)
    assert run.returncode == 1, _runs.said(project)
    return _again(project, "the run ends with an error")


def _ended(project: Path, run: subprocess.Popen[bytes], job: psutil.Process) -> str:
    os.killpg(run.pid, signal.SIGINT)
    _runs.until(lambda: run.poll() is not None)
    return _again(project, "the run ends")


def _again(project: Path, how: str) -> str:
    _project.whole_or_absent(project)
    code, said = _runs.whole(project)
    assert code == 0, said
    _project.as_undisturbed(project)
    return f"{how}, and the same command goes on to the same bytes"


ACCIDENTS: dict[str, Callable[[Path, subprocess.Popen[bytes], psutil.Process], str]] = {
    "a job stops answering for a while": _woken,
    "a job stops answering, and is killed": _killed,
    "a job stops answering, and the run is ended by Ctrl-C": _ended,
}
