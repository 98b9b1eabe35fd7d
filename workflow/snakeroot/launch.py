"""`make run`: Snakemake behind a lock of our own, so that what a killed run leaves behind is cleared, and only that.

Snakemake's own lock does not say whose it is. Ours is released by the kernel when its last holder dies, and Snakemake
inherits it. If it is free although the note of a run in progress is still there, that run was killed, so its Snakemake
lock is stale. (A job of it may live on for a while; it does no harm, as outputs appear whole and by renaming.)
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

LOCK = Path(".snakemake/make-run.lock")
SNAKEMAKE_LOCKS = Path(".snakemake/locks")
RUNNING = "running"


def launch(arguments: list[str]) -> int:
    """Run `snakemake <arguments>` here, alone, and return its exit code."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("error: another 'make run' is at work in this folder; wait for its end")
        lock.seek(0)
        snakemake = [sys.executable, "-P", "-m", "snakemake"]  # -P: no module that happens to lie in this folder
        os.set_inheritable(lock.fileno(), True)
        if lock.read() == RUNNING and SNAKEMAKE_LOCKS.is_dir() and any(SNAKEMAKE_LOCKS.iterdir()):
            print("the last 'make run' was killed: removing its lock", file=sys.stderr)  # noqa: T201
            subprocess.run([*snakemake, "--unlock"], check=True, capture_output=True)
        note(lock.fileno(), RUNNING)
        with subprocess.Popen([*snakemake, *arguments], close_fds=False) as run:
            code = _end(run)
        if code >= 0:  # not killed, so it has removed its own lock
            note(lock.fileno(), "")
        return code if code >= 0 else 128 - code


def _end(run: subprocess.Popen[bytes]) -> int:
    """Return the exit code. Ctrl-C goes to Snakemake too: wait until it has ended its jobs, however long they take."""
    while True:
        try:
            return run.wait()
        except KeyboardInterrupt:
            continue


def note(lock: int, text: str) -> None:
    """Replace what the lock's file says."""
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)


if __name__ == "__main__":
    try:
        sys.exit(launch(sys.argv[1:]))
    except KeyboardInterrupt:  # Snakemake got it too, and has said what there is to say
        sys.exit(130)
