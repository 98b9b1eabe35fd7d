"""What is in a file: its trees, branches and first entries, through the readers of the features stage."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import awkward as ak

from snakeroot.errors import SnakerootError, hint
from snakeroot.features.ntuple import verify
from snakeroot.features.readers import READERS, WITH_TREES, kind
from snakeroot.features.stream import local
from snakeroot.features.transfers import SCHEMES, remote

ENTRIES = 10_000
"""Entries of a tree that are looked at, the first ones."""

TOGETHER = 50
"""Branches that are read at once: what bounds the memory."""


@dataclass(frozen=True)
class Content:
    """The first entries of a tree.

    Attributes:
        file: as the user wrote it.
        entries: of the whole tree.
        arrays: by branch, at most ENTRIES entries.
        problems: why a branch cannot be read.
    """

    file: str
    tree: str | None
    entries: int
    arrays: dict[str, ak.Array]
    problems: dict[str, str]

    @property
    def read(self) -> int:
        """How many entries were read."""
        return max(map(len, self.arrays.values()), default=0)


@contextmanager
def here(file: str) -> Iterator[tuple[Path, ModuleType]]:
    """Yield a file, or a copy of a remote one, and the module that reads it.

    Raises:
        SnakerootError: naming the file, if it is of no kind that is read.
    """
    if remote(file) and file.partition("://")[0].lower() not in SCHEMES:
        raise SnakerootError(f"{file}: no such scheme: {', '.join(f'{name}://' for name in SCHEMES)} are read")
    url = file if remote(file) else None
    with local(url, [] if url else [Path(file)]) as (path, _):
        reader = READERS.load(kind(file))
        verify(path, None, reader.KIND, reader.SIGNATURE)
        yield path, reader


def contents(file: str, tree: str | None = None, entries: int = ENTRIES) -> list[Content]:
    """Return what is in a file: of all its trees that have entries, or of one.

    Raises:
        SnakerootError: naming the file, and what is wrong with it or its tree.
    """
    with here(file) as (path, reader):
        names = _trees(file, path, reader, tree)
        if not names:
            raise SnakerootError(f"{file}: there is no tree in it")
        found = []
        for name in names:
            try:
                found.append(_content(file, path, reader, name, entries))
            except SnakerootError as error:
                if len(names) == 1:
                    raise
                logging.warning("%s", error)  # the others may be what is looked for
        if not found:
            raise SnakerootError(f"{file}: none of its {len(names)} trees can be read: {hint('', filter(None, names))}")
        return found


def _trees(file: str, path: Path, reader: ModuleType, tree: str | None) -> list[str | None]:
    """Return the trees to look at; None stands for the one that files of some kinds are."""
    if kind(file) not in WITH_TREES:
        if tree:
            raise SnakerootError(f"{file}: {reader.KIND} file has no trees: leave out --tree")
        return [None]
    return [tree] if tree else list(dict.fromkeys(reader.trees(path)))


def _content(file: str, path: Path, reader: ModuleType, name: str | None, entries: int) -> Content:
    with reader.opened(path, name) as tree:
        columns = reader.columns(tree)
        arrays: dict[str, ak.Array] = {}
        problems: dict[str, str] = {}
        for start in range(0, len(columns), TOGETHER):
            _read(path, reader, tree, columns[start : start + TOGETHER], entries, arrays, problems)
        told = {branch: text.replace(str(path), file) for branch, text in problems.items()}
        return Content(
            file, name, reader.length(path, tree), {one: arrays[one] for one in columns if one in arrays}, told
        )


def _read(
    path: Path,
    reader: ModuleType,
    tree: Any,
    columns: Sequence[str],
    entries: int,
    arrays: dict[str, ak.Array],
    problems: dict[str, str],
) -> None:
    """Read branches together or, where one of them cannot be read, one by one."""
    try:
        read = next(reader.chunks(path, tree, columns, entries))
        arrays |= {name: ak.Array(values) for name, values in read.items()}
    except SnakerootError as error:
        if len(columns) == 1:
            problems[columns[0]] = str(error)
            return
        for one in columns:
            _read(path, reader, tree, [one], entries, arrays, problems)
