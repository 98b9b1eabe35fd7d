"""Commands in forks of a process that has imported what they import, which is most of what a short one takes.

`started()` is a server, and gives the path of a program that stands for Python: run with `-m snakeroot…`, it has the
output and the exit code of that command. `Job` is such a command without the program between. Nothing of Snakeroot is
imported before the fork, so each command runs the code of its own PYTHONPATH. What differs: PYTHONHASHSEED is the
server's, and Snakemake does not see the command among its own processes, so its benchmarks are empty.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

IMPORTED = (
    "awkward",
    "hist",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "mplhep",
    "numpy",
    "optuna",
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "sklearn.ensemble",
    "sklearn.metrics",
    "torch",
    "uproot",
)

CLIENT = """#!{python} -ISE
import array, json, os, socket, sys
server = socket.socket(socket.AF_UNIX)
server.connect({path!r})
order = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
server.sendmsg([len(order).to_bytes(8)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
server.sendall(order)
server.recv(4)
code = int.from_bytes(server.recv(4) or b"\1", signed=True)
sys.exit(code if code >= 0 else 128 - code)
"""


class Job:
    """A command under way, as subprocess.Popen has it with `stderr` as a pipe and no other stream.

    Attributes:
        pid: of the process that runs the command.
        returncode: None until it has ended and somebody has asked.
    """

    def __init__(self, program: Path, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start `python words`, the program being what `started` gives."""
        self.returncode: int | None = None
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(str(program.with_name("socket")))
        reader, writer = os.pipe()
        self.stderr = os.fdopen(reader, errors="replace")
        order = json.dumps([words, dict(environment), str(Path.cwd())]).encode()
        with Path(os.devnull).open("r+") as nothing:
            streams = array.array("i", [nothing.fileno(), nothing.fileno(), writer])
            self._server.sendmsg([len(order).to_bytes(8)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        os.close(writer)
        self._server.sendall(order)
        self.pid = int.from_bytes(self._server.recv(4), signed=True)

    def poll(self) -> int | None:
        """Return the exit code, or None if it has not ended."""
        if self.returncode is None and select.select([self._server], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self) -> int:
        """Wait for its end; return the exit code, which is that of a signal below zero."""
        if self.returncode is None:
            self.returncode = int.from_bytes(self._server.recv(4), signed=True)
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


def begin(program: Path | None, module: str, *words: str) -> Job | subprocess.Popen[str]:
    """Start `python -m module words`, which can import what this process can: as a fork if there is a program."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    words = ("-m", module, *words)
    if program:
        return Job(program, words, environment)
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
    """Start a server for as long as the context lasts; yield the program."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if hash_seed is not None:
        environment["PYTHONHASHSEED"] = hash_seed
    with tempfile.TemporaryDirectory() as folder:  # with a short path, as sockets must have
        yield from _serving(Path(folder), environment)


def _serving(folder: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    path, program = folder / "socket", folder / "python"
    with subprocess.Popen([sys.executable, "-P", __file__, str(path)], env=environment) as server:
        while not path.exists():
            if server.poll() is not None:
                raise RuntimeError("the server of commands has ended")
            threading.Event().wait(0.05)
        program.write_text(CLIENT.format(python=sys.executable, path=str(path)))
        program.chmod(0o755)
        try:
            yield program
        finally:
            server.terminate()


def serve(path: str) -> None:
    """Take orders for ever."""
    for name in IMPORTED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, _reap)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{path}.new")
        server.listen(64)
        Path(f"{path}.new").rename(path)
        while True:
            connection, _ = server.accept()
            if not os.fork():
                server.close()
                _see_to(connection)
            connection.close()


def _reap(*_: object) -> None:
    """Wait for those who have seen to an order, so that their time counts as this process's."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _see_to(connection: socket.socket) -> None:
    """Run one command; end it if whoever ordered it is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, ancillary, *_ = connection.recvmsg(8, socket.CMSG_SPACE(12))
    streams = array.array("i", ancillary[0][2])
    order = bytearray()
    while len(order) < int.from_bytes(size):
        order += connection.recv(1 << 20)
    if not (command := os.fork()):
        connection.close()
        _run(streams, *json.loads(order))
    for stream in streams:
        os.close(stream)
    connection.sendall(command.to_bytes(4, signed=True))
    ended = os.pidfd_open(command)
    if ended not in select.select([connection, ended], [], [])[0]:
        os.kill(command, signal.SIGTERM)
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    with connection, contextlib.suppress(BrokenPipeError):
        connection.sendall(code.to_bytes(4, signed=True))
    os._exit(0)


def _run(streams: Any, words: list[str], environment: dict[str, str], folder: str) -> None:
    """Be Python with these words on its command line."""
    code = 1
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.path[:0] = environment.get("PYTHONPATH", "").split(os.pathsep)
        option, module, *arguments = words
        if option != "-m":
            raise ValueError(f"{words}: only modules can be run here")
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            sys.stderr.write(f"{ended.code}\n")
    except BaseException:  # as Python does
        traceback.print_exc()
    finally:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
