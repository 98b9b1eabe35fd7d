"""Combining the elements of lists: as places, which `x[places]` takes, so that one rule serves all branches.

What combines many elements grows with the square of their number, or faster; how much a chunk may have of it is
limited.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from snakeroot.physics.expressions import whole
from snakeroot.physics.expressions.elementwise import COMPARISONS, Function, UnsuitedError, counted, floats
from snakeroot.physics.expressions.reductions import REDUCTIONS
from snakeroot.physics.expressions.values import (
    Offsets,
    Values,
    begins_of,
    places,
    row_begins,
    same_lists,
    stacked,
    take,
)

DEEPEST = 16
"""Lists within each other."""

MOST = 2**20
"""Places in the combinations of one chunk, and of one entry: 8 MB."""

LONGEST = 2**21
"""Elements of joined lists, likewise: 16 MB. Definitions that join each other double with each."""


class TooManyError(Exception):
    """There would be more combinations than may be in memory.

    Attributes:
        row: one that alone has too many; None if it is all together.
        count: how many places are in its combinations, or in those of all.
        what: what is counted.
        most: how many there may be.
    """

    def __init__(self, row: int | None, count: int, what: str, most: int) -> None:
        super().__init__(row, count, what, most)
        self.row, self.count, self.what, self.most = row, count, what, most


class FractionError(Exception):
    """A number that is to be a place has a fraction.

    Attributes:
        row, number: the first such row, and the number.
    """

    def __init__(self, row: int, number: float) -> None:
        super().__init__(row, number)
        self.row, self.number = row, number


def argcombinations(values: Values, members: Values) -> Values:
    """Return the places of all combinations of so many elements of each of the outermost lists, in their order."""
    size = int(members.content)
    counts = _list(values, "argcombinations").counts
    lengths, kind = np.unique(counts, return_inverse=True)
    sizes = [math.comb(int(length), size) for length in lengths]
    _limit(np.array([min(one * size, 2**40) for one in sizes], np.int64)[kind])
    begins = begins_of(np.array(sizes, np.int64)[kind])
    chosen = np.empty((begins[-1], size), np.int64)
    for number, length in enumerate(lengths):
        some = np.fromiter(itertools.combinations(range(length), size), np.dtype((np.int64, size)), count=sizes[number])
        rows = np.flatnonzero(kind == number)
        chosen[begins[rows][:, np.newaxis] + np.arange(sizes[number])] = some
    return Values(chosen.reshape(-1), (begins, np.arange(len(chosen) + 1) * size))


def argcross(first: Values, second: Values) -> Values:
    """Return for each element of the first lists the places of all elements of the second."""
    begins, counts = _list(first, "argcross").offsets[0], _list(second, "argcross").counts
    _limit(np.diff(begins) * counts)
    within = Values(np.repeat(counts, np.diff(begins)))
    lists = begins_of(within.content)
    return Values(places(Values(np.empty(0), (lists,))).content, (begins, lists))


def concatenate(first: Values, second: Values) -> Values:
    """Return lists of all elements of the first, and then all of the second."""
    if first.depth < 2 or first.depth != second.depth:
        raise UnsuitedError("concatenate(a, b) takes two lists per entry, both of numbers, or both of lists")
    _limit(np.diff(row_begins(first)) + np.diff(row_begins(second)), "elements", LONGEST)
    one, other = alike(first, second)
    mine, its = one.offsets[0], other.offsets[0]
    order = np.empty(mine[-1] + its[-1], np.int64)
    order[np.arange(mine[-1]) + np.repeat(its[:-1], np.diff(mine))] = np.arange(mine[-1])
    order[np.arange(its[-1]) + np.repeat(mine[1:], np.diff(its))] = mine[-1] + np.arange(its[-1])
    elements = take(stacked(one.elements, other.elements), order)
    return Values(elements.content, (mine + its, *elements.offsets))


def alike(first: Values, second: Values) -> tuple[Values, Values]:
    """Return both as conditions, as whole numbers of one type, or as floats."""
    if first.is_condition and second.is_condition:
        return first, second
    first, second = counted(first), counted(second)
    if first.is_whole and second.is_whole:
        mine, its = whole.alike(first.content, second.content)
        return Values(mine, first.offsets), Values(its, second.offsets)
    return floats(first), floats(second)


def isin(values: Values, known: Values) -> Values:
    """Return for each number whether it is one of its entry's list; NaN is in none."""
    if known.depth != 2:
        raise UnsuitedError("isin(x, y) looks for numbers, x, in a list of numbers per entry, y")
    if values.depth == 0:
        values = Values(np.repeat(values.content, len(known.counts)))
    begins = row_begins(values) if values.offsets else np.arange(len(values.content) + 1)
    counts = np.repeat(known.counts, np.diff(begins))
    _limit(np.diff(begins) * known.counts)
    lists = begins_of(counts)
    row = np.repeat(np.arange(len(known.counts)), np.diff(begins))
    at = np.arange(lists[-1]) - np.repeat(lists[:-1] - known.offsets[0][row], counts)
    same = COMPARISONS["Eq"](Values(values.content), Values(known.content[at], (lists,)))
    return Values(REDUCTIONS["any"](same).content, values.offsets)


def gathered(values: Values, wanted: Values) -> Values:
    """Return the elements of the outermost lists at several places of each entry, missing where there is no such place.

    Args:
        wanted: numbers, in lists or lists of lists per entry; NaN is no place, nor is a negative number.
    """
    if values.depth + wanted.depth > DEEPEST + 2:
        raise UnsuitedError(f"more than {DEEPEST} lists within each other")
    row = np.repeat(np.arange(len(values.counts)), np.diff(row_begins(wanted)))
    there = (wanted.content >= 0) & (wanted.content < values.counts[row])
    at = values.offsets[0][:-1][row] + np.where(there, wanted.content, 0).astype(np.int64)
    if values.depth > 2:  # of long lists there may be many copies
        sizes = np.where(there, np.diff(row_begins(values.elements))[np.where(there, at, 0)], 0) if there.any() else at
        _limit(np.bincount(row, weights=sizes, minlength=len(values.counts)).astype(np.int64))
    elements = take(values.elements, at, there)
    return Values(elements.content, (*wanted.offsets, *elements.offsets))


def check_places(wanted: Values) -> None:
    """Check that numbers are places, whole ones.

    Raises:
        FractionError: if one of them has a fraction.
    """
    if wanted.is_whole:
        return
    wrong = np.flatnonzero(np.isfinite(wanted.content) & (wanted.content != np.floor(wanted.content)))
    if len(wrong):
        begins = row_begins(wanted) if wanted.offsets else np.arange(len(wanted.content) + 1)
        row = int(np.searchsorted(begins, wrong[0], side="right")) - 1
        raise FractionError(row, float(wanted.content[wrong[0]]))


def inner(values: Values, wanted: Values) -> tuple[Values, Values]:
    """Return the elements of the outermost lists as rows, and beside each of them what is wanted of it.

    Raises:
        MismatchError: if the lists differ in length.
    """
    same_lists(values, wanted)
    if wanted.offsets:
        return values.elements, wanted.elements
    return values.elements, Values(np.repeat(wanted.content, values.counts)) if wanted.depth else wanted


def _list(values: Values, name: str) -> Values:
    if values.depth < 2:
        raise UnsuitedError(f"{name}(…) needs a list per entry, not one value")
    return values


def _limit(sizes: Offsets, what: str = "places in combinations", most: int = MOST) -> None:
    """Check how many places there would be in each row.

    Raises:
        TooManyError: if one row has too many, or all have together.
    """
    if sizes.max(initial=0) > most:
        row = int(np.argmax(sizes > most))
        raise TooManyError(row, int(sizes[row]), what, most)
    if (total := int(sizes.sum())) > most:
        raise TooManyError(None, total, what, most)


COMBINATIONS: dict[str, Function] = {
    "argcombinations": argcombinations,
    "argcross": argcross,
    "concatenate": concatenate,
    "isin": isin,
}
"""Functions that combine the elements of lists."""
