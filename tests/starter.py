"""Commands in forks of a process that has imported what they import, which is most of what a short one takes.

As in a run of the workflow (snakeroot/jobs/starter.py), but one such process serves all projects of the tests: each
command runs the code of its own PYTHONPATH. What differs from a process of its own: PYTHONHASHSEED is the starter's.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from snakeroot.jobs.start import number, order
from snakeroot.jobs.starter import VARIABLE
from snakeroot.jobs.starter import started as started_here


class Job:
    """A command under way, as subprocess.Popen has it with `stderr` as a pipe and no other stream.

    Attributes:
        pid: of the process that runs the command.
        returncode: None until it has ended and somebody has asked.
    """

    def __init__(self, starter: Path, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start `python words`, `starter` being what `started` gives."""
        self.returncode: int | None = None
        reader, writer = os.pipe()
        self.stderr = os.fdopen(reader, errors="replace")
        with Path(os.devnull).open("r+") as nothing:
            streams = [nothing.fileno(), nothing.fileno(), writer]
            pairs = {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}
            self._server, self.pid = order(str(starter), words, pairs, streams)
        os.close(writer)

    def poll(self) -> int | None:
        """Return the exit code, or None if it has not ended."""
        if self.returncode is None and select.select([self._server], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait for its end; return the exit code, which is that of a signal below zero."""
        if self.returncode is None:
            self.returncode = number(self._server)
            self._server.close()
        return self.returncode

    def communicate(self) -> tuple[None, str]:
        """Wait for its end; return what it has written to stderr."""
        with self.stderr:
            said = self.stderr.read()
        self.wait()
        return None, said

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send it a SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send it a SIGKILL."""
        self.send_signal(signal.SIGKILL)


def begin(starter: Path | None, module: str, *words: str) -> Job | subprocess.Popen[str]:
    """Start `python -m module words`, which can import what this process can: as a fork if there is a starter."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = ("-m", module, *words)
    if starter:
        return Job(starter, words, environment)
    return subprocess.Popen(
        [sys.executable, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def started(hash_seed: str | None = None) -> Iterator[Path]:
    """Have a starter for as long as the context lasts; yield its socket."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    with started_here(environment) as socket:
        while not socket.exists():
            if not socket.parent.exists():
                raise RuntimeError("the starter has ended")
            threading.Event().wait(0.05)
        yield socket
