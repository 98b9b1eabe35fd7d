"""A function in a process of its own: what it returns, or how it ended, with limits of time and memory."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from snakeroot.errors import SnakerootError

WAITS = 10
"""So many times the limit of time it may wait, as a machine has other things to do too."""

HANGS = {"SIGPROF": "works on and on", "SIGALRM": "waits for ever"}


class Ended(NamedTuple):
    """How a process ended.

    Attributes:
        value: what the function returned.
        refused: the message, if it raised a SnakerootError.
        broken: a signal, the time limit, or the last line of a traceback: what no user should ever see.
        seconds: of the processor, so that it does not matter what else the machine does.
        megabytes: the most memory that it had of its own, beyond what it had at its start.
    """

    value: Any
    refused: str
    broken: str
    seconds: float
    megabytes: float


def forked(function: Callable[[], Any], seconds: int = 20, megabytes: int = 4000) -> Ended:
    """Call a function in a fork of this process; what it returns is pickled.

    Args:
        seconds: of the processor, after which it is killed.
        megabytes: of address space that it may have, beyond what this process has.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of newer Pythons: libraries have threads, which read nothing
        child = os.fork()
    if not child:
        os.close(reader)
        _work(function, writer, seconds, megabytes)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        content = said.read()
    _, status, used = os.wait4(child, 0)
    passed = used.ru_utime + used.ru_stime
    if code := os.waitstatus_to_exitcode(status):
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Ended(None, "", HANGS.get(name, name), passed, 0)
    return Ended(*pickle.loads(content)[:3], passed, pickle.loads(content)[3])  # noqa: S301 - our own


def _work(function: Callable[[], Any], writer: int, seconds: int, megabytes: int) -> None:
    for one in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(one, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(WAITS * seconds)
    before = _own()
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + megabytes * 10**6, -1))
    value, refused, broken = None, "", ""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stderr.fileno() if _has_number(sys.stderr) else 2)  # what libraries write there
    try:
        value = function()
    except SnakerootError as error:
        refused = str(error)
    except BaseException as error:  # that it is no SnakerootError is what is counted
        broken = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    with os.fdopen(writer, "wb") as said:
        pickle.dump((value, refused, broken, max(0.0, _own() - before)), said)
    os._exit(0)


def _has_number(stream: Any) -> bool:
    with contextlib.suppress(OSError, ValueError):
        return bool(stream.fileno() >= 0)
    return False


def _own() -> float:
    """The most memory that this process has had [MB]; a fork begins with what its parent had then."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
