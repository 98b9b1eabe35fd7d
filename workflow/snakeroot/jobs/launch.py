"""`snakeroot run`: Snakemake behind a lock of our own, so that what a killed run leaves is cleared, and only that.

Snakemake's own lock does not say whose it is. Ours is released by the kernel when its last holder dies, and Snakemake
inherits it. In our lock's file stand the Snakemake locks of the run, as long as it lives: what of them the next run
finds is stale, as that run was killed. A lock that another Snakemake has made since is another file, and stays. (A job
of the killed run may live on for a while; it does no harm, as outputs appear whole and by renaming.)

Beside a Snakemake that was started by hand there is no run either: when the first one ends, it removes all locks of the
folder, whosever they are.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import psutil

LOCK = Path(".snakemake/make-run.lock")
SNAKEMAKE_LOCKS = Path(".snakemake/locks")
PAUSE = 0.05
"""Seconds between two looks at whether Snakemake has locked the folder yet."""

Locks = dict[str, list[int]]
"""Snakemake's locks by name: inode and time of the last change [ns]."""


@contextmanager
def alone() -> Iterator[TextIO]:
    """Hold the lock of this folder, in which no run is under way then; yield its file.

    Raises:
        SystemExit: with a message, if one is.
    """
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("error: another run is at work in this folder; wait for its end")
        if processes := ", ".join(map(str, others())):
            sys.exit(f"error: another Snakemake is at work in this folder (process {processes}); wait for its end")
        yield lock


def launch(arguments: list[str]) -> int:
    """Run `snakemake <arguments>` here, alone, and return its exit code."""
    with alone() as lock:
        os.set_inheritable(lock.fileno(), True)
        clear(noted(lock.fileno()))
        before = held()
        snakemake = [sys.executable, "-P", "-m", "snakemake"]  # -P: no module that happens to lie in this folder
        with subprocess.Popen([*snakemake, *arguments], close_fds=False) as run:
            code = _end(run, lock.fileno(), before)
        if code >= 0:  # not killed, so it has removed its own locks
            note(lock.fileno(), {})
        return code if code >= 0 else 128 - code


def others() -> list[int]:
    """The ids of the Snakemakes that work in this folder, as far as can be seen; a job of one is none."""
    here, ids = os.path.realpath(Path.cwd()), []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            program = Path(words[0]).name if words else ""
            started = {Path(word).name for word in words[:5]}  # python -P -m snakemake
            works = program.startswith(("python", "snakemake")) and "snakemake" in started and "--mode" not in words
            if works and os.path.realpath(process.cwd()) == here:
                ids.append(process.pid)
        except psutil.Error:  # gone, or another user's
            continue
    return ids


def held() -> Locks:
    """Snakemake's locks in this folder."""
    locks: Locks = {}
    for path in SNAKEMAKE_LOCKS.glob("*.lock"):
        try:
            facts = path.stat()
        except FileNotFoundError:
            continue
        locks[path.name] = [facts.st_ino, facts.st_mtime_ns]
    return locks


def clear(stale: Locks) -> None:
    """Remove those of these locks that are still the same files."""
    left = [name for name, facts in held().items() if stale.get(name) == facts]
    if left:
        print("the last run was killed: removing its lock", file=sys.stderr)  # noqa: T201
    for name in left:
        (SNAKEMAKE_LOCKS / name).unlink(missing_ok=True)


def _end(run: subprocess.Popen[bytes], lock: int, before: Locks) -> int:
    """Return the exit code; note Snakemake's locks as soon as it has them, so that nobody else's are taken for its own.

    Ctrl-C goes to Snakemake too: wait until it has ended its jobs, however long they take.
    """
    own: Locks = {}
    complete = False
    while True:
        try:
            try:
                return run.wait(None if complete else PAUSE)
            except subprocess.TimeoutExpired:
                new = {name: facts for name, facts in held().items() if before.get(name) != facts}
                complete = bool(new) and new == own  # the second of two locks may follow
                own = new
                note(lock, own)
        except KeyboardInterrupt:
            continue


def note(lock: int, locks: Locks) -> None:
    """Replace what the lock's file says."""
    text = json.dumps(locks)
    os.ftruncate(lock, 0)
    os.pwrite(lock, text.encode(), 0)


def noted(lock: int) -> Locks:
    """What the lock's file says; nothing, if it was not written to its end."""
    try:
        locks: Locks = json.loads(os.pread(lock, os.fstat(lock).st_size, 0))
    except ValueError:
        return {}
    return locks
