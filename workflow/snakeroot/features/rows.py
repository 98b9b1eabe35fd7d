"""Rows on their way from a file to a table: entries, or the objects of one collection in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError

Chunk = Mapping[str, ak.Array]
"""Branches by name, all of one length."""


@dataclass(frozen=True)
class Rows:
    """Branches with one element per row.

    Attributes:
        entry: number of each row's entry in the file, ascending, shape (rows,).
        object: place of each row's object in its entry, shape (rows,); None if rows are entries.
    """

    chunk: Chunk
    entry: NDArray[np.int64]
    object: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.entry)

    def keep(self, mask: NDArray[np.bool_]) -> Rows:
        """Return the rows where `mask`, shape (rows,), is true."""
        chunk = {name: values[mask] for name, values in self.chunk.items()}
        return Rows(chunk, self.entry[mask], None if self.object is None else self.object[mask])

    def objects(self, collection: str, branches: Collection[str]) -> Rows:
        """Return a row for each object of the collection, which has these branches.

        Its lists give one value to each row; all else is repeated for each object of the entry.

        Raises:
            SnakerootError: if none of its branches is a list, or if they differ in length.
        """
        lists = [name for name in sorted(self.chunk) if name in branches and self.chunk[name].ndim > 1]
        if not lists:
            raise SnakerootError(f"rows: no branch {collection}_… that is used holds a list of objects per entry")
        first, *others = lists
        counts = ak.to_numpy(ak.num(self.chunk[first], axis=1)).astype(np.int64)
        for name in others:
            different = np.flatnonzero(ak.to_numpy(ak.num(self.chunk[name], axis=1)) != counts)
            if len(different):
                raise SnakerootError(
                    f"rows: {name!r} and {first!r} have different numbers of objects in {len(different)} entries, "
                    f"the first of them entry {self.entry[different[0]]}: they are not one collection"
                )
        row = np.repeat(np.arange(len(self)), counts)
        start = np.cumsum(counts) - counts
        chunk = {
            name: ak.flatten(values, axis=1) if name in lists else values[row] for name, values in self.chunk.items()
        }
        return Rows(chunk, self.entry[row], np.arange(len(row)) - start[row])
