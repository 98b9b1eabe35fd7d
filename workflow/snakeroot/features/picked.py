"""The branches of a chunk, of which only what is asked for is taken at the places of the rows that are left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.physics.expressions.branches import Branch

Chunk = Mapping[str, Branch]
"""Branches by name, all of one length."""


class Picked(Mapping[str, Branch]):
    """Branches at some places (n,), ascending; each is taken when it is first asked for."""

    def __init__(self, of: Chunk, places: NDArray[np.int64]) -> None:
        self._of: Chunk = of._of if isinstance(of, Picked) else of
        self._places: NDArray[np.int64] = of._places[places] if isinstance(of, Picked) else places
        self._taken: dict[str, Branch] = {}

    def __getitem__(self, name: str) -> Branch:
        if name not in self._taken:
            self._taken[name] = self._of[name][self._places]
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


def plain(array: Branch) -> Branch:
    """Return a branch as an array of numpy if it has one number or condition for each entry, and none missing."""
    if isinstance(array, np.ndarray) or array.ndim != 1 or not array.layout.is_numpy or array.layout.parameters:
        return array
    data: NDArray[Any] = np.asarray(array.layout.data)
    return data if data.dtype.kind in "biuf" else array
