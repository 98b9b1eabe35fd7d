"""The objects of all rows, one after the other: what blocks are computed from, without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.evaluation import Branches, values
from snakeroot.physics.expressions.language import Expression

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Objects:
    """Columns of numbers, shape (objects,), and how many objects each row has, shape (rows,).

    Attributes:
        exact: the columns as they were computed, whole numbers as such; of all objects alone, not of chosen ones.
    """

    counts: NDArray[np.int64]
    columns: dict[str, Numbers]
    exact: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, expressions: Mapping[str, Expression], branches: Branches, entry: NDArray[np.int64]) -> Self:
        """Compute the expressions of the block `name`; the first of them says how many objects there are.

        Raises:
            SnakerootError: if the first is no list per row, or another is a list of other lengths.
        """
        computed = {role: values(expression, branches, entry) for role, expression in expressions.items()}
        first, *_ = computed
        if computed[first].depth < 2:
            raise SnakerootError(
                f"{name}.{first} ({expressions[first].text}) is one number per row; a list of objects is expected"
            )
        counts = computed[first].counts
        exact: dict[str, NDArray[Any]] = {}
        for role, value in computed.items():
            if value.depth < 2:
                exact[role] = np.repeat(value.content, counts)
                continue
            different = np.flatnonzero(value.counts != counts)
            if len(different):
                row = different[0]
                raise SnakerootError(
                    f"{name}.{role} ({expressions[role].text}) has another number of objects than {name}.{first} "
                    f"({expressions[first].text}) in {len(different)} rows: {value.counts[row]} and {counts[row]} in "
                    f"the first of them, entry {entry[row]}; select the same objects in both"
                )
            exact[role] = value.content
        return cls(counts, {role: one.astype(np.float64, copy=False) for role, one in exact.items()}, exact)

    def __getitem__(self, role: str) -> Numbers:
        return self.columns[role]

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each row begins, and where the last one ends: shape (rows + 1,)."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts)])

    @cached_property
    def row(self) -> NDArray[np.int64]:
        """The row of each object, shape (objects,)."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """The place of each object in its row, from 0, shape (objects,)."""
        return np.arange(len(self.row)) - self.offsets[self.row]

    def sum(self, numbers: Numbers) -> Numbers:
        """Add up one number per object in each row, object after object: shape (rows,)."""
        return np.bincount(self.row, weights=numbers, minlength=len(self.counts)).astype(np.float64, copy=False)

    def first(self, numbers: Numbers) -> Numbers:
        """Return the number of each row's first object, 0 where there is none: shape (rows,)."""
        firsts = np.zeros(len(self.counts))
        firsts[self.counts > 0] = numbers[self.offsets[:-1][self.counts > 0]]
        return firsts

    def bad_rows(self) -> NDArray[np.bool_]:
        """Return which rows have a number that is not finite, shape (rows,)."""
        bad = ~np.logical_and.reduce([np.isfinite(numbers) for numbers in self.columns.values()])
        return self.sum(bad.astype(np.float64)) > 0

    def keep(self, chosen: NDArray[np.bool_]) -> Objects:
        """Return the chosen objects."""
        counts = np.bincount(self.row[chosen], minlength=len(self.counts))
        return Objects(counts, {role: numbers[chosen] for role, numbers in self.columns.items()})

    def ordered(self, by: str) -> Objects:
        """Return the objects of each row, those with more of `by` first.

        Equal ones follow by their other columns, so that the order in the file does not matter, not even for rounding.
        """
        others = [numbers for role, numbers in self.columns.items() if role != by]
        order = np.lexsort([*others[::-1], -self.columns[by], self.row])
        return Objects(self.counts, {role: numbers[order] for role, numbers in self.columns.items()})


def ratio(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Divide; what is divided by 0 becomes 0: a row without objects has its centre at the origin."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)
