"""Rows on their way from a file to a table: entries, or the objects of one collection in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.picked import Chunk, Picked
from snakeroot.physics.expressions.branches import Branch
from snakeroot.physics.expressions.definitions import Definitions
from snakeroot.physics.expressions.evaluation import TogetherTooManyError
from snakeroot.physics.expressions.scope import Scope
from snakeroot.physics.expressions.values import Values, row_begins, take

MOST = 2**23
"""Elements of a definition in a chunk whose objects are its rows: 64 MB."""


@dataclass(frozen=True)
class Rows:
    """Branches with one element per row.

    Attributes:
        entry: number of each row's entry in the file, ascending, shape (rows,).
        object: place of each row's object in its entry, shape (rows,); None if rows are entries.
        definitions: what other names mean, as long as it can be computed: objects do not know their whole entry.
        computed: those definitions that were computed already.
    """

    chunk: Chunk
    entry: NDArray[np.int64]
    object: NDArray[np.int64] | None = None
    definitions: Definitions = field(default_factory=dict)
    computed: Mapping[str, Values] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.entry)

    def keep(self, mask: NDArray[np.bool_]) -> Rows:
        """Return the rows where `mask`, shape (rows,), is true."""
        if mask.all():
            return self
        places = np.flatnonzero(mask)
        computed = {name: _at(values, places) for name, values in self.scope.computed.items()}
        of_rows = None if self.object is None else self.object[places]
        return Rows(Picked(self.chunk, places), self.entry[places], of_rows, self.definitions, computed)

    @cached_property
    def scope(self) -> Scope:
        """What names in expressions mean."""
        return Scope(self.chunk, self.definitions, self.entry, self.computed)

    def objects(self, collection: str, branches: Collection[str], used: Collection[str]) -> Rows:
        """Return a row for each object of the collection, which has these branches and definitions.

        Its lists give one value to each row; all else is repeated for each object of the entry.

        Args:
            branches: the collection's.
            used: the definitions that are asked for, the collection's or not.

        Raises:
            SnakerootError: if none of its branches is a list, or if they differ in length.
        """
        computed = {name: self.scope.defined(name) for name in used}
        lists = {name: _lengths(values) for name, values in {**self.chunk, **computed}.items() if name in branches}
        known = {name: counts for name, counts in sorted(lists.items()) if counts is not None}
        if not known:
            raise SnakerootError(f"rows: no branch {collection}_… that is used holds a list of objects per entry")
        (first, counts), *others = known.items()
        for name, its in others:
            different = np.flatnonzero(its != counts)
            if len(different):
                raise SnakerootError(
                    f"rows: {name!r} and {first!r} have different numbers of objects in {len(different)} entries, "
                    f"the first of them entry {self.entry[different[0]]}: they are not one collection"
                )
        row = np.repeat(np.arange(len(self)), counts)
        start = np.cumsum(counts) - counts
        chunk = {
            name: ak.flatten(values, axis=1) if name in known else values[row] for name, values in self.chunk.items()
        }
        for name in computed.keys() - known.keys():
            self._check_size(name, computed[name], counts)
        own = {name: values.elements if name in known else _at(values, row) for name, values in computed.items()}
        return Rows(chunk, self.entry[row], np.arange(len(row)) - start[row], {}, own)

    def _check_size(self, name: str, values: Values, counts: NDArray[np.int64]) -> None:
        """Check that a definition can be repeated for each object of its entry, of which there are so many."""
        sizes = np.diff(row_begins(values)) * counts if values.offsets else counts
        if (total := int(sizes.sum())) > MOST:
            entry = self.entry[np.argmax(sizes)]
            what = f"rows: the definition {name!r} would have {total:,} elements beside the objects of entry {entry}"
            if len(self) > 1:
                raise TogetherTooManyError(f"{what} and others: {MOST:,} at most, lower 'chunk'")
            raise SnakerootError(f"{what}, {MOST:,} at most: reduce it to fewer numbers per entry")


def _lengths(values: Branch | Values) -> NDArray[np.int64] | None:
    """Return how long the list of each entry is; None of what is no list."""
    if isinstance(values, Values):
        return values.counts if values.offsets else None
    if isinstance(values, np.ndarray):
        return None
    return ak.to_numpy(ak.num(values, axis=1)).astype(np.int64) if values.ndim > 1 else None


def _at(values: Values, rows: NDArray[np.int64]) -> Values:
    return take(values, rows) if values.depth else values
