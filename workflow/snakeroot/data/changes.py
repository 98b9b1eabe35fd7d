"""Files that change while they are read: what was made of two states of a file was made of neither.

A job notes inode, size and time of its inputs before it reads them, and looks again before any output gets its name. So
a file that was replaced, written to, or removed in between is an error, and not a table of two halves. What keeps all
three, as an edit in place that sets the time back, is not seen: for that there are checksums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from snakeroot.errors import FaultError

Stamp = tuple[int, int, int]
"""Of a file: inode, bytes, and time of the last change [ns]."""

_watched: dict[Path, Stamp] = {}
"""Inputs of the job that this process is at."""


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file or folder; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def stamps(paths: Iterable[Path]) -> dict[Path, Stamp | None]:
    """Return the stamp of each file or folder; None where there is none."""
    return {path: stamp(path) for path in paths}


@contextmanager
def watched(before: Mapping[Path, Stamp | None]) -> Iterator[None]:
    """Have `check` know the files that were read: those of these that are there, folders left out.

    Raises:
        FaultError: as `check` does, at the end, and in place of whatever a changed file has led to.
    """
    outer = dict(_watched)
    _watched.clear()
    _watched.update({path: known for path, known in before.items() if known and path.is_file()})
    try:
        yield
        check()
    except Exception as error:
        check(f" (which led to: {error})")
        raise
    finally:
        _watched.clear()
        _watched.update(outer)


def check(more: str = "") -> None:
    """Look at the files that are watched.

    Args:
        more: to be said after what happened to a file.

    Raises:
        FaultError: naming a file that is another than it was.
    """
    for path, before in _watched.items():
        now = stamp(path)
        if now != before:
            how = "was removed" if now is None else "was replaced" if now[0] != before[0] else "was written to"
            raise FaultError(f"{path}: {how} while this job read it{more}: when nothing changes it any more, run again")
