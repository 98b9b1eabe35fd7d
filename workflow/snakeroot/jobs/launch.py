"""`snakeroot run`: Snakemake behind a lock of our own, so that what a killed run leaves is cleared, and only that.

Snakemake's own lock does not say whose it is. Ours is released by the kernel when its last holder dies, and Snakemake
inherits it. In our lock's file stand the Snakemake locks of the run, as long as it lives: what of them the next run
finds is stale, as that run was killed. A lock that another Snakemake has made since is another file, and stays. (A job
of the killed run may live on for a while; it does no harm, as outputs appear whole and by renaming.)

Whose it is stands there too: host, process, and when this started. The locks of the kernel do not reach beyond the host
on every file system that hosts share, and some have none. So of a run on another host that has not said that it ended,
nobody here can tell whether it lives: the next one is refused, with what to do.

Beside a Snakemake that was started by hand there is no run either: when the first one ends, it removes all locks of the
folder, whosever they are.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import psutil

from snakeroot.data.files import sweep

LOCK = Path(".snakemake/make-run.lock")
SNAKEMAKE_LOCKS = Path(".snakemake/locks")
MADE = ("results", "provenance", "times", "checkpoints", "records")
"""Folders in which jobs write."""

PAUSE = 0.05
"""Seconds between two looks at whether Snakemake has locked the folder yet."""

UNLOCK = "--unlock"
"""Snakemake's word for removing its locks, and by which ours forgets a run on another host."""

Locks = dict[str, list[int]]
"""Snakemake's locks by name: inode and time of the last change [ns]."""


@dataclass
class Run:
    """What the lock's file says of the run that holds it, or held it and was killed.

    Attributes:
        host: where it is.
        process: the launcher's id.
        start: of this process, by what tells it from a later one of the same id.
        since: when it began (UTC).
        locks: Snakemake's, of this run.
    """

    host: str = ""
    process: int = 0
    start: str = ""
    since: str = ""
    locks: Locks = field(default_factory=dict)

    def __str__(self) -> str:
        """Return where to look for it."""
        return f"process {self.process} on {self.host}, since {self.since} UTC" if self.host else "just starting"


@contextmanager
def alone(unlock: bool = False) -> Iterator[TextIO]:
    """Hold the lock of this folder, in which no run is under way then; yield its file.

    Args:
        unlock: whether it is known that a run on another host, which did not say that it ended, is not under way.

    Raises:
        SystemExit: with a message, if one is, or if there can be no lock.
    """
    with _writing():
        LOCK.parent.mkdir(exist_ok=True)
        file = os.open(LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    with os.fdopen(file, "r+") as lock:  # not "a+", which writes at the end
        last, told = noted(lock.fileno()), True
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"error: another run is at work in this folder ({last}); wait for its end")
        except OSError:  # a file system without locks
            told = last.host != socket.gethostname() or started(last.process) != last.start
        if not told:
            sys.exit(f"error: another run is at work in this folder ({last}); wait for its end")
        if last.host not in ("", socket.gethostname()) and not unlock:
            sys.exit(
                f"error: a run in this folder ({last}) has not said that it ended, and whether it lives cannot be seen "
                f"from {socket.gethostname()}; look there, and if it does not: snakeroot run {UNLOCK}, and run again"
            )
        if processes := ", ".join(map(str, others())):
            sys.exit(f"error: another Snakemake is at work in this folder (process {processes}); wait for its end")
        yield lock


def launch(arguments: list[str]) -> int:
    """Run `snakemake <arguments>` here, alone, and return its exit code.

    Raises:
        SystemExit: with a message, if another run is under way, or the lock cannot be written.
    """
    with alone(UNLOCK in arguments) as lock:
        return _launch(arguments, lock.fileno())


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        sys.exit(
            f"error: {LOCK}: cannot be written ({error.strerror}): make room, change the permissions, or work in "
            "another folder, and run again"
        )


def _launch(arguments: list[str], lock: int) -> int:
    os.set_inheritable(lock, True)
    last = noted(lock)
    clear(last.locks)
    if last.host:  # it was killed, maybe while it wrote
        for folder in MADE:
            with suppress(OSError):
                sweep(Path(folder))
    own = Run(socket.gethostname(), os.getpid(), started(os.getpid()), datetime.now(UTC).isoformat(" ", "seconds")[:19])
    with _writing():
        note(lock, own)
    before = held()
    snakemake = [sys.executable, "-P", "-m", "snakemake"]  # -P: no module that happens to lie in this folder
    with subprocess.Popen([*snakemake, *arguments], close_fds=False) as run:
        code = _end(run, lock, own, before)
    if code >= 0:  # not killed, so it has removed its own locks
        note(lock, Run())
    return code if code >= 0 else 128 - code


def started(process: int) -> str:
    """Return what tells a process from a later one of the same id, whatever the clock does; of none, nothing."""
    try:
        if sys.platform != "linux":
            return str(psutil.Process(process).create_time())
        state, *facts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, psutil.Error):
        return ""
    return "" if state in "ZX" else f"{facts[18]} ticks after {boot}"


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


def _end(run: subprocess.Popen[bytes], lock: int, own: Run, before: Locks) -> int:
    """Return the exit code; note Snakemake's locks as soon as it has them, so that nobody else's are taken for its own.

    Ctrl-C goes to Snakemake too: wait until it has ended its jobs, however long they take.
    """
    complete = False
    while True:
        try:
            try:
                return run.wait(None if complete else PAUSE)
            except subprocess.TimeoutExpired:
                new = {name: facts for name, facts in held().items() if before.get(name) != facts}
                complete = bool(new) and new == own.locks  # the second of two locks may follow
                own.locks = new
                with suppress(OSError):  # the disk is full, and Snakemake has more to say of that
                    note(lock, own)
        except KeyboardInterrupt:
            continue


def note(lock: int, run: Run) -> None:
    """Replace what the lock's file says: in the room that it has, so that a full disk is told when the run begins."""
    text = json.dumps(asdict(run)).encode()
    os.pwrite(lock, text.ljust(os.fstat(lock).st_size), 0)
    os.ftruncate(lock, len(text))


def noted(lock: int) -> Run:
    """What the lock's file says; nothing, if it was not written to its end."""
    try:
        return Run(**json.loads(os.pread(lock, os.fstat(lock).st_size, 0)))
    except (TypeError, ValueError):
        return Run()
