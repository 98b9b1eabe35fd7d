"""Factors that give the classes one shape, from what their events add up to in each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import CANCELLED, positive
from snakeroot.data.factors import Floats, Grid, Integers
from snakeroot.errors import SnakerootError
from snakeroot.reweight.settings import FLAT, Reweighting

HALVINGS = 200
"""Of the interval in which the common scale of a class's factors lies: more than the digits that there are."""


@dataclass
class Sums:
    """What rows add up to, by class and cell; the last cell is of the rows of which a variable is not a number.

    Attributes:
        entries, weights, squares, magnitudes: of the rows, (classes, cells + 1): their number, and the sums of their
            weights, of these squared, and of their magnitudes.
        outside: rows beyond the edges of any variable, (classes,).
    """

    entries: Integers
    weights: Floats
    squares: Floats
    magnitudes: Floats
    outside: Integers

    @classmethod
    def none(cls, classes: int, cells: int) -> Sums:
        """Return those of no row."""
        shape = (classes, cells + 1)
        entries, outside = np.zeros(shape, np.int64), np.zeros(classes, np.int64)
        return cls(entries, np.zeros(shape), np.zeros(shape), np.zeros(shape), outside)

    def add(self, grid: Grid, target: NDArray[Any], weight: Floats, columns: Sequence[NDArray[Any]]) -> None:
        """Add rows (n,) of some classes."""
        classes, cells = self.entries.shape
        place = target.astype(np.int64) * cells + np.where((found := grid.places(columns)) < 0, cells - 1, found)

        def filled(values: Floats | None) -> NDArray[Any]:
            return np.bincount(place, values, classes * cells).reshape(classes, cells)

        self.entries += filled(None)
        self.weights += filled(weight)
        self.squares += filled(weight**2)
        self.magnitudes += filled(np.abs(weight))
        beyond = np.zeros(len(place), np.bool_)
        for values, edges in zip(columns, grid.edges.values(), strict=True):
            beyond |= (values < edges[0]) | (values > edges[-1])
        self.outside += np.bincount(target[beyond].astype(np.int64), minlength=classes)


def factors(contents: Floats, usable: NDArray[np.bool_], shape: Floats, limits: tuple[float, float]) -> Floats:
    """Return by cell what makes of contents (cells,) a shape (cells,), as far as the limits allow.

    The sum of all usable cells stays what it was, limits included: it is the common scale of the factors, before they
    are limited, that is found, by halving. Cells that are not usable keep their weights: their factor is 1.
    """
    wanted = np.where(usable, np.maximum(shape, 0.0) / np.where(usable, contents, 1.0), 1.0)
    total, own = float(contents[usable].sum()), wanted[usable]
    if not own.any():
        return np.where(usable, 1.0, wanted)
    wanted[usable] = own = own * (total / float((own * contents[usable]).sum()))
    low, high = -50.0, 50.0  # of the scale's logarithm to base 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = float((np.clip(own * 2.0**middle, *limits) * contents[usable]).sum()) > total
        low, high = (low, middle) if above else (middle, high)
    scale = 1.0 if np.all((own >= limits[0]) & (own <= limits[1])) else 2.0**low
    return np.where(usable, np.clip(wanted * scale, *limits), 1.0)


def fit(sums: Sums, grid: Grid, names: Sequence[str], wanted: Reweighting) -> dict[str, Any]:
    """Return for each class its contents, factors and what they cost, cell by cell in lists of the grid's shape.

    `limited` is -1 or 1 where the factor is the least or the largest that it may be. In a cell that no event of a class
    is in, or where its weights of both signs add up to nothing or less, there is nothing to scale: its factor is 1.

    Raises:
        SnakerootError: if the class whose shape is wanted has none, or another one nothing to be scaled.
    """
    cells = grid.cells
    usable = sums.weights[:, :cells] > CANCELLED * sums.magnitudes[:, :cells]
    classes = {}
    for number, name in enumerate(names):
        own = sums.weights[number, :cells]
        entries = sums.entries[number, :cells]
        if not positive(float(own.sum()), float(sums.magnitudes[number].sum())):
            raise SnakerootError(
                f"reweighting: the {name} events of the train split, {entries.sum()} in all, have weights that add up "
                f"to {own.sum():g}: there is no shape to change, or to match"
            )
        found = np.ones(cells)
        if name != wanted.to and (wanted.classes is None or name in wanted.classes):
            shape = np.ones(cells) if wanted.to == FLAT else sums.weights[list(names).index(wanted.to), :cells]
            found = factors(own, usable[number], shape, wanted.limits)
        limited = np.where(found <= wanted.limits[0], -1, np.where(found >= wanted.limits[1], 1, 0))
        every = np.append(found, 1.0)  # rows of which a variable is no number keep their weights

        def nested(values: NDArray[Any]) -> Any:
            return values.reshape(grid.shape).tolist()

        classes[name] = {
            "entries": nested(entries),
            "weights": nested(own),
            "squares": nested(sums.squares[number, :cells]),
            "factors": nested(found),
            "limited": nested(np.where(found == 1.0, 0, limited)),
            "unusable": int((~usable[number]).sum()),
            "outside": int(sums.outside[number]),
            "undefined": int(sums.entries[number, -1]),
            "effective": {
                "before": effective(sums.weights[number], sums.squares[number]),
                "after": effective(sums.weights[number] * every, sums.squares[number] * every**2),
            },
        }
    return classes


def effective(weights: Floats, squares: Floats) -> float:
    """Return how many events of equal weights have the same relative error: (Σw)² / Σw² over the cells' sums."""
    return float(weights.sum() ** 2 / squares.sum()) if squares.sum() else 0.0
