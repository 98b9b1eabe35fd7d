"""Jobs as forks of one process that has imported what most of them import, which is most of what a short job takes.

A run of Snakemake on one machine has such a process (`started`) for as long as it lasts; `python -m snakeroot…` in a
rule then goes through snakeroot/jobs/start.py, which has the job's output, exit code and signals as if it were the job.
Nothing of Snakeroot is imported before the fork, so that each job runs the code of its own PYTHONPATH, and nothing is
computed.

Only what runs with one thread, as most jobs do, is started so: OpenMP and BLAS learn their number of threads when they
are imported. This file is run by its path and imports nothing of ours.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

SOCKET = "socket"
VARIABLE = "SNAKEROOT_STARTER"
"""Environment variable with the path of the socket at which orders are taken."""

CLIENT = str(Path(__file__).with_name("start.py"))

WORTH_IT = 10
"""Jobs of a run from which on it has such a process, whose imports take as long as those of a few jobs."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""As Snakemake sets them for a job of one thread."""

IMPORTED = (
    "awkward",
    "hist",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_pdf",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "mplhep",
    "numpy",
    "onnx",
    "onnxruntime",
    "onnxscript.function_libs.torch_lib.ops",
    "optuna",
    "pandas",
    "pyarrow.parquet",
    "pydantic",
    "sklearn.ensemble",
    "sklearn.metrics",
    "torch",
    "torch._dynamo",
    "torch.export._trace",
    "torch.onnx._internal.exporter._core",
    "uproot",
)
"""With what torch imports when it exports a model, which takes as long as the rest of an export."""

PR_SET_PDEATHSIG = 1
"""From sys/prctl.h."""


@contextlib.contextmanager
def started(environment: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Start the process; yield the path of its socket, which is there once the imports are done.

    Args:
        environment: of the process; by default this one's, and always without PYTHONPATH, which each job has its own
            of. Hashes have its PYTHONHASHSEED in all jobs.
    """
    folder = Path(tempfile.mkdtemp(prefix="snakeroot-"))  # nobody else's, and short, as sockets must be
    with subprocess.Popen(
        [sys.executable, "-P", __file__, str(folder)],
        env={**(os.environ if environment is None else environment), **ONE_THREAD, "PYTHONPATH": ""},
        stdin=subprocess.PIPE,  # closed by the kernel when this process ends, however it ends
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C goes to those who have given the orders
    ):
        yield folder / SOCKET  # then the stream is closed, and the process ends


def serve(folder: Path) -> None:
    """Take orders until standard input ends; remove the folder."""
    try:
        _serve(folder / SOCKET)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(path: Path) -> None:
    for name in IMPORTED:
        with contextlib.suppress(ImportError):  # what is not installed is told by the job that needs it
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # or the first collection of each fork would copy the pages of all of this
    signal.signal(signal.SIGCHLD, _reap)
    with socket.socket(socket.AF_UNIX) as server:
        new = path.with_name("new")
        server.bind(str(new))
        server.listen(64)
        new.rename(path)
        life = sys.stdin.fileno()
        while life not in select.select([server.fileno(), life], [], [])[0]:
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


def _see_to(connection: socket.socket) -> NoReturn:
    """Run one job and say how it ended; end it if whoever ordered it is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    streams, order = _taken(connection)
    this = os.getpid()
    if not (job := os.fork()):
        connection.close()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == this:
            _run(streams, order)
        os._exit(1)
    for stream in streams:
        os.close(stream)
    connection.sendall(job.to_bytes(4, signed=True))
    ended = os.pidfd_open(job)
    if ended not in select.select([connection.fileno(), ended], [], [])[0]:
        os.kill(job, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(job, 0)[1])
    with connection, contextlib.suppress(BrokenPipeError):
        connection.sendall(code.to_bytes(4, signed=True))
    os._exit(0)


def _taken(connection: socket.socket) -> tuple[Any, list[str]]:
    """The three streams of an order, and its words: the folder, how many are Python's, those, and the environment."""
    size, ancillary, *_ = connection.recvmsg(8, socket.CMSG_SPACE(12))
    streams = array.array("i", ancillary[0][2])
    order = bytearray()
    while len(order) < int.from_bytes(size):
        order += connection.recv(1 << 20)
    return streams, [os.fsdecode(word) for word in bytes(order).split(b"\0")]


def _run(streams: Any, order: list[str]) -> NoReturn:
    """Be Python with these words on its command line."""
    code = 1
    try:
        folder, count, *rest = order
        words, environment = rest[: int(count)], dict(word.split("=", 1) for word in rest[int(count) :])
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        tempfile.tempdir = None  # of this environment, if anybody has asked before
        sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
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
    serve(Path(sys.argv[1]))
