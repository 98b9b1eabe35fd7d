"""What an ntuple may declare against the bytes that it has: one place for all kinds of files.

A few bytes can stand for any number of entries, or unpack to any number of bytes. A real ntuple has some information in
each entry, and what is unpacked at once is bounded, however large the file is: it is read in chunks.
"""

from __future__ import annotations

import math
from pathlib import Path

PER_BYTE = 8
"""Entries that a byte of a file can stand for: with more of them an entry had less than one bit."""

FEW = 1_000_000
"""Entries that any file may have."""

VALUES_PER_BYTE = 64
"""Likewise the values of one column in lists, which may be many times the same."""

BOMB = 2**27
"""The most bytes that may be unpacked at once where they are more than EXPANDING times as many as in the file."""

EXPANDING = 100

AT_ONCE = 2**27
"""Bytes of a branch that are read at once where its entries are large: fewer of them then, but one at least."""


class LimitError(ValueError):
    """A file declares more than a limit; the message says which."""


def check_entries(path: Path, entries: int) -> None:
    """Check that a file can hold so many entries.

    Raises:
        LimitError: if it cannot.
    """
    size = path.stat().st_size
    if entries > max(FEW, PER_BYTE * size):
        raise LimitError(
            f"it declares {entries:,} entries in {size:,} bytes, and {PER_BYTE} for each byte are the limit (of more "
            f"than {FEW:,})"
        )


def check_values(path: Path, values: int) -> None:
    """Check that a column of a file, whose entries are lists, can hold so many values.

    Raises:
        LimitError: if it cannot.
    """
    size = path.stat().st_size
    if values > max(FEW, VALUES_PER_BYTE * size):
        raise LimitError(
            f"it declares {values:,} values of a column in {size:,} bytes, and {VALUES_PER_BYTE} for each byte are the "
            f"limit (of more than {FEW:,})"
        )


def check_unpacked(held: int, unpacked: int, before: int = 0) -> None:
    """Check what bytes of a file would unpack to, with what others have unpacked to `before` and is still in memory.

    Raises:
        LimitError: if that is too much for what is held.
    """
    if unpacked > EXPANDING * held and before + unpacked > BOMB:
        raise LimitError(
            f"{held:,} bytes of it would unpack to {unpacked:,}, and {BOMB:,} at once are the limit of what unpacks to "
            f"more than {EXPANDING} times its size; write it in smaller pieces"
        )


def at_once(entries: int, shape: tuple[int, ...], itemsize: int) -> int:
    """Return how many entries of a shape to read at once, of so many at most.

    Raises:
        LimitError: if one of them alone is too large.
    """
    size = math.prod(shape) * itemsize
    if size > AT_ONCE:
        raise LimitError(f"an entry of {size:,} bytes, {AT_ONCE:,} at most")
    return max(1, min(entries, AT_ONCE // max(size, 1)))
