"""Processes of the schedulers: only what they themselves wrote the number of, and what it started, is ever killed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil


def wait_until(what: str, true: Callable[[], bool], seconds: float = 60, pause: float = 0.2) -> None:
    """Wait until something holds; fail, with what it is, if it does not in time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(pause)


def number(pid_file: Path) -> int | None:
    """The process that a daemon's file names, if it is alive and no zombie."""
    try:
        pid = int(pid_file.read_text())
        return pid if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def end(pid_file: Path, by: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """End a daemon, by SIGKILL if it does not hear."""
    if (pid := number(pid_file)) is None:
        return
    for sent in (by, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
        with contextlib.suppress(AssertionError):
            wait_until("it ends", lambda: number(pid_file) is None, seconds)
            return


def kill_tree(pid: int) -> int:
    """Kill a process and all below it, as a power cut does; return how many there were."""
    try:
        parent = psutil.Process(pid)
        tree = [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return 0
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.kill()
    return len(tree)
