"""Lines of a text file, plain or compressed by gzip, in blocks: which lines they are is known of each."""

from __future__ import annotations

import codecs
import gzip
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from snakeroot.errors import SnakerootError
from snakeroot.features.limits import LimitError, check_entries
from snakeroot.features.ntuple import GZIP, damaged

BLOCK = 2**22
"""Bytes that are read at once."""

LONGEST = 2**26
"""Bytes of a line: more of them are no line."""

UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Block:
    """Lines of a file.

    Attributes:
        content: the lines, each with its end.
        lines: their numbers in the file, from 1.
    """

    content: bytes
    lines: Sequence[int]

    def without_first(self) -> tuple[bytes, Block]:
        """Return the first line, and the others."""
        first, _, rest = self.content.partition(b"\n")
        return first, Block(rest, self.lines[1:])

    def without_empty(self) -> Block:
        """Return the lines that are not empty."""
        kept = [(number, line) for number, line in self.each() if line.strip()]
        return Block(b"".join(line + b"\n" for _, line in kept), [number for number, _ in kept])

    def last(self) -> str:
        """Return the last line, in which only signs of ASCII are read right."""
        return self.content[self.content.rfind(b"\n", 0, -1) + 1 :].decode("latin-1")

    def each(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number."""
        yield from zip(self.lines, self.content.split(b"\n"), strict=False)


def blocks(path: Path) -> Iterator[Block]:
    """Yield all lines but those above the first that neither is empty nor begins with `#`.

    Raises:
        SnakerootError: naming the file, if it is damaged or no text of lines, or if a later line begins with `#`.
    """
    begun = False
    for content, number in _whole(path):
        while not begun and content:
            line, _, rest = content.partition(b"\n")
            if line.strip() and not line.lstrip().startswith(b"#"):
                begun = True
            else:
                content, number = rest, number + 1  # noqa: PLW2901 - what is left of it
        if content:
            yield _block(path, content, number)


def _block(path: Path, content: bytes, first: int) -> Block:
    if content.startswith(b"#") or b"\n#" in content:
        number = first + content.count(b"\n", 0, (b"\n" + content).index(b"\n#"))
        raise SnakerootError(
            f"{path}: line {number} begins with '#', and comments stand above the header alone; remove it, or put the "
            "field in quotes if it is one"
        )
    return Block(content, range(first, first + content.count(b"\n")))


def _whole(path: Path) -> Iterator[tuple[bytes, int]]:
    """Yield pieces of whole lines, each with the number of its first line."""
    number, rest = 1, b""
    with _opened(path) as file:
        while True:
            try:
                read = file.read(BLOCK)
            except Exception as error:  # gzip raises whatever the damaged bytes lead it to
                raise damaged(path, error) from error
            if not read:
                break
            if number == 1 and not rest:
                if read.startswith(UTF16):
                    raise SnakerootError(f"{path}: text of UTF-16, which is not read; write it as UTF-8")
                read = read.removeprefix(codecs.BOM_UTF8)
            end = read.rfind(b"\n") + 1
            if end:
                content, rest = rest + read[:end], read[end:]
                lines = content.count(b"\n")
                _check_number(path, number + lines)
                yield content, number
                number += lines
            else:
                rest += read
            if len(rest) > LONGEST:
                raise SnakerootError(f"{path}: line {number} has more than {LONGEST} bytes: is it CSV?")
        if rest:
            yield rest + b"\n", number


def _check_number(path: Path, lines: int) -> None:
    try:
        check_entries(path, lines)
    except LimitError as error:
        raise damaged(path, error) from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        compressed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        yield cast(IO[bytes], gzip.GzipFile(fileobj=file)) if compressed else file


def is_cut(path: Path) -> bool:
    """Whether a text may have been cut off, as its last line has no end; gzip says so itself."""
    with path.open("rb") as file:
        compressed = file.read(len(GZIP)) == GZIP
        file.seek(-1, os.SEEK_END)
        return not compressed and file.read() != b"\n"
