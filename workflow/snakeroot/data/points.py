"""Points of a parameterised task: each is a value of every physics parameter, as a mass of the signal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.identity import Hash, unit_interval

Points = Sequence[Sequence[float]]
"""By point, the values of the parameters, in the order of their names."""


def drawn(hashes: Hash, points: Points) -> NDArray[np.float32]:
    """Return a point for each event, all equally often, from a hash of its identity: (rows, parameters)."""
    place = np.minimum((unit_interval(hashes) * len(points)).astype(np.int64), len(points) - 1)
    return np.asarray(points, np.float32)[place]


def places(columns: Sequence[NDArray[np.float32]], points: Points) -> NDArray[np.int64]:
    """Return the number of the point that each row is at, (rows,), and -1 where it is at none.

    Args:
        columns: the parameters, as tables have them, (rows,) each.
    """
    found = np.full(len(columns[0]), -1, np.int64)
    for number, point in enumerate(points):
        same = [column == np.float32(value) for column, value in zip(columns, point, strict=True)]
        found[np.logical_and.reduce(same)] = number
    return found


def named(names: Sequence[str], point: Sequence[float]) -> str:
    """Return a point as text: `mass=500`, or `mass=500,width=10`."""
    return ",".join(f"{name}={value:.10g}" for name, value in zip(names, point, strict=True))


def at(column: str, names: Sequence[str], point: Sequence[float]) -> str:
    """Return what is called a column of predictions at a point, whatever the row's own values: `score@mass=500`."""
    return f"{column}@{named(names, point)}"
