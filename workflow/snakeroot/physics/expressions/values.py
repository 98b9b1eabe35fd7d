"""What an expression is computed on: numbers or conditions of all entries in one flat array, and where lists begin.

Missing elements (of an optional field, or a place that a list does not have) are NaN for numbers and False for
conditions, and a missing list is empty: from then on nothing has a third value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.physics.expressions.doubles import doubles

Offsets = NDArray[np.int64]
Content = NDArray[Any]
"""bool, int64, uint64, Python's whole numbers where no type of 64 bits holds all, or float64: shape (n,), or () of a
constant."""


@dataclass(frozen=True)
class Values:
    """A constant, a value per entry, or (nested) lists of them.

    Attributes:
        content: the innermost values of all entries, one after the other.
        offsets: of each level of lists, the outermost first, where each list begins in the level below and where the
            last one ends: shape (lists + 1,), beginning with 0.
    """

    content: Content
    offsets: tuple[Offsets, ...] = ()

    @property
    def depth(self) -> int:
        """0 of a constant, 1 of a value per entry, 2 of a list per entry, and so on."""
        return self.content.ndim + len(self.offsets)

    @property
    def counts(self) -> Offsets:
        """How many elements each of the outermost lists has."""
        return np.diff(self.offsets[0])

    @property
    def elements(self) -> Values:
        """The elements of the outermost lists of all entries, one after the other."""
        return Values(self.content, self.offsets[1:])

    @property
    def is_condition(self) -> bool:
        """Whether these are conditions."""
        return self.content.dtype == np.bool_

    @property
    def is_whole(self) -> bool:
        """Whether these are whole numbers."""
        return self.content.dtype.kind in "iuO"


class MismatchError(Exception):
    """Two values have lists that differ in length, or another number of them.

    Attributes:
        row: the first row in which they differ.
        first, second: the numbers of elements there.
    """

    def __init__(self, row: int, first: int, second: int) -> None:
        super().__init__(row, first, second)
        self.row, self.first, self.second = row, first, second


def aligned(first: Values, *others: Values) -> list[Values]:
    """Return the values with the lists of the deepest: a value per entry is repeated for each element of a list.

    Raises:
        MismatchError: if their lists differ in length.
    """
    operands = [first, *others]
    deepest = max(operands, key=lambda one: one.depth)
    for one in operands:
        same_lists(deepest, one)
    return [_repeated(one, deepest) for one in operands]


def same_lists(one: Values, other: Values) -> None:
    """Check that two values have the same lists, as far as both have any.

    Raises:
        MismatchError: if they have not.
    """
    for level, (mine, its) in enumerate(zip(one.offsets, other.offsets, strict=False)):
        if mine is its or np.array_equal(mine, its):
            continue
        place = int(np.flatnonzero(np.diff(mine) != np.diff(its))[0])
        raise MismatchError(row_of(one.offsets[:level], place), int(np.diff(mine)[place]), int(np.diff(its)[place]))


def row_begins(values: Values) -> Offsets:
    """Return where the innermost values of each row begin, and where those of the last one end: shape (rows + 1,)."""
    begins = values.offsets[0]
    for deeper in values.offsets[1:]:
        begins = deeper[begins]
    return begins


def row_of(offsets: tuple[Offsets, ...], place: int) -> int:
    """Return the row that an element is of, `offsets` being those of the lists around it."""
    for begins in reversed(offsets):
        place = int(np.searchsorted(begins, place, side="right")) - 1
    return place


def _repeated(value: Values, deepest: Values) -> Values:
    if value.depth in (0, deepest.depth):
        return Values(value.content, deepest.offsets if value.depth else ())
    content = value.content
    for begins in deepest.offsets[len(value.offsets) :]:
        content = np.repeat(content, np.diff(begins))
    return Values(content, deepest.offsets)


def take(values: Values, places: NDArray[np.int64], there: NDArray[np.bool_] | None = None) -> Values:
    """Return the rows at `places`; where `there` is False, what is missing.

    Args:
        values: a value or a list per row.
        places: shape (n,), within the rows; those of rows that are not there are ignored.
        there: shape (n,); all by default.
    """
    if there is not None:
        places = places[there]
    if not values.offsets:
        content = values.content[places]
        if there is None:
            return Values(content)
        filled: Content = np.full(len(there), False if values.is_condition else np.nan)
        filled[there] = content if values.is_condition else doubles(content)
        return Values(filled)
    begins = values.offsets[0]
    counts = np.diff(begins)[places]
    all_counts = counts
    if there is not None:
        all_counts = np.zeros(len(there), np.int64)
        all_counts[there] = counts
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    inner = take(values.elements, np.repeat(begins[:-1][places], counts) + within)
    return Values(inner.content, (begins_of(all_counts), *inner.offsets))


def stacked(first: Values, second: Values) -> Values:
    """Return the rows of one value, and below them those of another of the same type and depth."""
    levels = zip(first.offsets, second.offsets, strict=True)
    offsets = tuple(np.concatenate([one, one[-1] + other[1:]]) for one, other in levels)
    return Values(np.concatenate([first.content, second.content]), offsets)


def masked(values: Values, mask: Values) -> Values:
    """Return the elements, or the lists, for which a condition holds; `mask` has the lists of `values`, or some levels.

    Raises:
        MismatchError: if the lists differ in length.
    """
    same_lists(values, mask)
    level = len(mask.offsets)
    kept = take(Values(values.content, values.offsets[level:]), np.flatnonzero(mask.content))
    passed = np.concatenate([np.zeros(1, np.int64), np.cumsum(mask.content, dtype=np.int64)])
    offsets = (*values.offsets[: level - 1], passed[values.offsets[level - 1]])
    return Values(kept.content, (*offsets, *kept.offsets))


def places(values: Values) -> Values:
    """Return for each element of the outermost lists its place in its list, from 0."""
    begins = values.offsets[0]
    return Values(np.arange(begins[-1]) - np.repeat(begins[:-1], np.diff(begins)), values.offsets[:1])


def at(values: Values, wanted: Content) -> Values:
    """Return one element of each of the outermost lists, missing where there is no such place.

    Args:
        wanted: whole numbers, a place for each list, shape (lists,) or (); negative ones are no places.
    """
    there = np.broadcast_to((wanted >= 0) & (wanted < values.counts), values.counts.shape)
    positions = values.offsets[0][:-1] + np.where(there, wanted, 0).astype(np.int64)
    return take(values.elements, positions, there)


def begins_of(counts: Offsets) -> Offsets:
    """Return where each of lists of so many elements begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
