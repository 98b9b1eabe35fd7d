"""Factors on event weights, by class and by bin of some variables: what the stage `reweight` writes, read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Bins of variables, and all combinations of them, the cells.

    Attributes:
        edges: of the bins of each variable, ascending.
    """

    edges: Mapping[str, Sequence[float]]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many bins each variable has."""
        return tuple(len(edges) - 1 for edges in self.edges.values())

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return int(np.prod(self.shape))

    def places(self, columns: Sequence[NDArray[Any]]) -> Integers:
        """Return the number of each row's cell, (n,), given the variables, each (n,); -1 where one is not a number.

        A bin contains its lower edge. The first and the last bin of a variable have no end: what is beyond the edges is
        in them.
        """
        places: Integers = np.zeros(len(columns[0]), np.int64)
        undefined = np.zeros(len(columns[0]), np.bool_)
        for values, edges in zip(columns, self.edges.values(), strict=True):
            # in the column's own type, so that a number which was rounded to an edge is at the edge
            inner = np.asarray(edges[1:-1], np.result_type(values.dtype, np.float32))
            places = places * (len(edges) - 1) + np.searchsorted(inner, values, side="right")
            undefined |= np.isnan(values)
        places[undefined] = -1
        return places


@dataclass(frozen=True)
class Factors:
    """What the weights of events are multiplied by.

    Attributes:
        of_class: (classes, cells).
    """

    grid: Grid
    of_class: Floats

    @classmethod
    def read(cls, path: Path, classes: Sequence[str]) -> Self:
        """Read a table that the stage `reweight` has written; the classes are by target."""
        known = read_json(path)
        factors = [np.asarray(known["classes"][name]["factors"], np.float64).ravel() for name in classes]
        edges = {one["name"]: one["edges"] for one in known["variables"]}  # a list, as keys of JSON are sorted
        return cls(Grid(edges), np.stack(factors))

    @property
    def columns(self) -> list[str]:
        """The variables."""
        return list(self.grid.edges)

    def of(self, classes: Integers, columns: Sequence[NDArray[Any]]) -> Floats:
        """Return the factor of each row (n,), given its class and its variables; 1 where a variable is undefined."""
        places = self.grid.places(columns)
        return np.where(places < 0, 1.0, self.of_class[classes, places])


def check_number(name: str, kind: pa.DataType, path: Path, key: str) -> None:
    """Raise a SnakerootError that names the key if a column of a table holds no numbers."""
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise SnakerootError(f"{path}: {name!r} is {kind}, and {key} takes numbers: define a feature that is one")
