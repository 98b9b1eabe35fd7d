"""What is read of a tree: branches by the names that they have in expressions, and no more entries than wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from snakeroot.features.picked import plain
from snakeroot.physics.expressions.branches import Branch


@dataclass(frozen=True)
class Source:
    """A tree that a reader has opened.

    Attributes:
        branches: by the names that they are wanted by.
        limit: entries to read, the first ones; None: all.
    """

    reader: ModuleType
    path: Path
    tree: Any
    branches: Mapping[str, str]
    limit: int | None = None

    @property
    def _wanted(self) -> list[str]:
        return sorted(set(self.branches.values()))

    def paths(self) -> dict[str, str]:
        """Return the path of each branch in the file, by the name that it is wanted by."""
        paths = self.reader.paths(self.path, self.tree, self._wanted)
        return {name: paths[branch] for name, branch in self.branches.items()}

    def chunks(self, entries: int) -> Iterator[dict[str, Branch]]:
        """Yield the branches, so many entries at a time, in order.

        Raises:
            SnakerootError: as the reader does.
        """
        left = self.limit
        at_once = entries if left is None else min(entries, left)
        for chunk in self.reader.chunks(self.path, self.tree, self._wanted, at_once):
            some = {name: plain(chunk[branch])[:left] for name, branch in self.branches.items()}
            yield some
            if left is not None and (left := left - _entries(some)) <= 0:
                return

    def share(self) -> float:
        """Return which share of the entries is read: all of them without a limit."""
        return 1.0 if self.limit is None else min(self.limit / self.reader.length(self.path, self.tree), 1.0)


def _entries(chunk: Mapping[str, Branch]) -> int:
    return len(next(iter(chunk.values())))
