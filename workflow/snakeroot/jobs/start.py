"""`python -IS start.py -m snakeroot…`: the job as a fork, by snakeroot/jobs/starter.py.

This process has its output and its exit code; signals that end processes are passed on. Where nobody takes orders, it
becomes the Python that does the job itself. It imports as little as possible, as each job waits for it.
"""

from __future__ import annotations

import array
import os
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes longer to import than all of the above
    from collections.abc import Mapping, Sequence

PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def order(
    path: str, words: Sequence[str], environment: Mapping[bytes, bytes], streams: Sequence[int]
) -> tuple[socket.socket, int]:
    """Have `python words` run in this folder; return what its end is said at, and the id of its process.

    Args:
        path: of the socket at which orders are taken.
        streams: file descriptors of its standard input, output and error.

    Raises:
        OSError: if nobody takes it.
    """
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    pairs = (name + b"=" + value for name, value in environment.items())
    folder = os.getcwdb()  # noqa: PTH109 - pathlib takes longer to import than all of this
    text = b"\0".join([folder, b"%d" % len(words), *map(os.fsencode, words), *pairs])
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))]
    server.sendmsg([len(text).to_bytes(8)], rights)
    server.sendall(text)
    return server, number(server)


def number(server: socket.socket) -> int:
    """Return what the starter says next: the process's id, then its exit code, that of a signal being below zero.

    Raises:
        OSError: if it was killed.
    """
    if len(said := server.recv(4)) < 4:
        raise ConnectionResetError
    return int.from_bytes(said, signed=True)


def start(path: str, words: Sequence[str]) -> int:
    """Return the exit code of `python words` with the streams of this process; signals are passed on to it."""
    server, job = order(path, words, os.environb, [0, 1, 2])

    def pass_on(which: int, _frame: object) -> None:
        os.kill(job, which)
        os.kill(job, signal.SIGCONT)  # one that is stopped would not hear of it

    for one in PASSED_ON:
        signal.signal(one, pass_on)
    try:
        return number(server)
    except OSError:
        sys.exit("error: the process that had started this job was killed, and the job with it")


if __name__ == "__main__":
    try:
        code = start(os.environ["SNAKEROOT_STARTER"], sys.argv[1:])
    except OSError:
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606 - no shell is wanted
    sys.exit(code if code >= 0 else 128 - code)
