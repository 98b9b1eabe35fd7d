"""A function in a process of its own, which has the modules of the one that called it already imported."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

PR_SET_PDEATHSIG = 1
"""From sys/prctl.h."""
METHOD = "fork" if sys.platform == "linux" else "spawn"
"""Elsewhere threads of the libraries that are imported may not survive a fork; there each process imports anew."""


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        code: its exit code; of one that a signal ended, the signal's number below zero.
        said: the last line that it wrote to stderr.
    """

    code: int
    said: str


def in_subprocess(function: Callable[[list[str]], None], words: list[str]) -> Ended:
    """Call `function(words)` in a process of its own, and log what it writes to stderr.

    A SIGTERM is passed on, and ends this process too, once the other has ended. If this process is killed, so is the
    other. What the function returns is lost: its results are the files that it writes.

    Raises:
        SystemExit: 143, after a SIGTERM.
    """
    context = get_context(METHOD)
    reader, writer = context.Pipe(duplex=False)
    # a daemon, so that an exit of this process ends it and does not wait
    process = context.Process(target=_work, args=(function, words, os.getpid(), writer), daemon=True)  # type: ignore[attr-defined]
    process.start()
    writer.close()
    told: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        told.append(number)
        process.terminate()

    before = signal.signal(signal.SIGTERM, pass_on)
    said = ""
    try:
        with open(reader.fileno(), errors="replace", closefd=False) as lines:
            for line in lines:
                logging.info("%s", line.rstrip("\n"))
                said = line.strip()
        process.join()
    finally:
        signal.signal(signal.SIGTERM, before)
        reader.close()
    if told:
        raise SystemExit(128 + told[0])
    return Ended(process.exitcode, said)


def follow(parent: int) -> None:
    """End with the process that started this one, however it ends.

    Raises:
        SystemExit: if it has ended already.
    """
    if prctl := getattr(ctypes.CDLL(None), "prctl", None):  # Linux
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(128 + signal.SIGKILL)


def _work(function: Callable[[list[str]], None], words: list[str], parent: int, writer: Connection) -> None:
    os.dup2(writer.fileno(), sys.stderr.fileno())
    writer.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not its parent's, which would pass it on
    follow(parent)
    function(words)
