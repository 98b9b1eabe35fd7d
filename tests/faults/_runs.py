"""The command of a user, begun and killed with all that it has started."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from faults import _project
from snakeroot.jobs.starter import VARIABLE

LIMIT = 600
"""Seconds after which a run hangs."""

COMMAND = [sys.executable, "-m", "snakeroot.cli", "run", "--cores", "2"]
"""As users type it, before what is to be made."""

SAID = "said.txt"
"""What runs have said, in their folder."""


@contextlib.contextmanager
def begun(project: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command as a user does; no process of it is left at the end."""
    with (
        (project / SAID).open("w") as log,
        subprocess.Popen(
            [*COMMAND, *words, *_project.TARGETS],
            cwd=project,
            env=environment(project),
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as run,
    ):
        try:
            yield run
        finally:
            kill(run)


def whole(project: Path, *words: str) -> tuple[int, str]:
    """Run the command to its end; return its exit code and what it says."""
    with begun(project, *words) as run:
        until(lambda: run.poll() is not None)
    return run.returncode, said(project)


def environment(project: Path) -> dict[str, str]:
    """Return this process's environment, in which the project's own code runs, with a starter of its own."""
    others = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return others | {"PYTHONPATH": str(project / "workflow")}


def kill(run: subprocess.Popen[bytes]) -> None:
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
    psutil.wait_procs(stopped.values(), LIMIT)


def _tree(process: int) -> list[psutil.Process]:
    try:
        first = psutil.Process(process)
        return [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition.

    Raises:
        AssertionError: if it takes too long.
    """
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.02)


def visible(project: Path) -> int:
    """Return how many results are there under their own names."""
    return sum(path.is_file() and path.name[0] != "." for path in (project / "results").rglob("*"))


def said(project: Path) -> str:
    """Return what its last run has said."""
    return (project / SAID).read_text()
