"""Where the numbers of a column are, exactly, however many there are: they come in pieces, of which none stay.

The numbers at given ranks are found digit by digit, of 16 bits, as a radix sort would (D. Knuth, The Art of Computer
Programming 3, 5.2.5): in each pass all numbers are counted that begin like the one that is looked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Chunks = Iterable[NDArray[Any]]
"""Numbers in pieces, (n,) each of one type, which can be gone through again."""

EXACT = 2.0**53
"""Up to here float64 has all whole numbers."""

DIGIT = 16
"""Bits of a digit."""

ENDS = (0.005, 0.995)
"""Quantiles at the ends of what is shown."""


@dataclass(frozen=True)
class Extent:
    """Where the finite ones of some numbers are.

    Attributes:
        count: how many there are; of none, all else is 0.
        low, high: their quantiles of 0.5 % and 99.5 %, as `numpy.quantile` has them.
        first, last: the largest number up to `low` and the smallest from `high` on.
        whole: whether all are whole numbers.
        exact: whether float64 knows them to one, as it does up to 2⁵³.
        step: of exact whole numbers, the largest of which all their distances are multiples; 0 of others, or of one.
    """

    count: int
    low: float
    high: float
    first: float
    last: float
    whole: bool
    exact: bool
    step: int


def extent(chunks: Chunks) -> Extent:
    """Return where numbers are, in the memory of one piece."""
    found = _Whole()
    count = 0
    kind: np.dtype[Any] = np.dtype(np.float32)
    for values in chunks:
        finite = values[np.isfinite(values)]
        count += len(finite)
        found.add(finite)
        kind = kind if values.dtype == kind else np.dtype(np.float64)
    if not count:
        return Extent(0, 0.0, 0.0, 0.0, 0.0, found.whole, found.exact, 0)
    places = [(count - 1) * end for end in ENDS]
    ranks = [rank for place in places for rank in (math.floor(place), min(math.floor(place) + 1, count - 1))]
    ranked = at_ranks(chunks, ranks, kind)
    low = _between(ranked[0], ranked[1], places[0] % 1)
    high = _between(ranked[2], ranked[3], places[1] % 1)
    first = ranked[1] if ranked[1] <= low else ranked[0]
    last = ranked[2] if ranked[2] >= high else ranked[3]
    return Extent(count, low, high, first, last, found.whole, found.exact, found.step)


def _between(one: float, other: float, share: float) -> float:
    """Return the number at a share of the way, in the words of numpy's quantiles, to the same bits."""
    way = other - one
    return other - way * (1 - share) if share >= 0.5 else one + way * share


class _Whole:
    """Whether numbers are whole, and their common step, some at a time."""

    def __init__(self) -> None:
        self.whole = True
        self.exact = True
        self.base: int | None = None
        self.divisor = 0

    @property
    def step(self) -> int:
        """0 of numbers that are not whole, or not known to one."""
        return self.divisor if self.whole and self.exact else 0

    def add(self, finite: NDArray[Any]) -> None:
        numbers = finite.astype(np.float64)
        self.whole = self.whole and bool(np.all(numbers == np.round(numbers)))
        self.exact = self.exact and bool(np.all(np.abs(numbers) <= EXACT))
        if self.whole and self.exact and len(numbers) and self.divisor != 1:
            self.base = int(numbers[0]) if self.base is None else self.base
            distances = np.unique(np.abs(numbers.astype(np.int64) - self.base))
            self.divisor = math.gcd(self.divisor, int(np.gcd.reduce(distances)))


def at_ranks(chunks: Chunks, ranks: Sequence[int], kind: np.dtype[Any]) -> list[float]:
    """Return which finite numbers stand at some places, from 0, of all in growing order.

    Args:
        kind: float32 or float64, which holds them all.
    """
    below, begins = list(ranks), [0] * len(ranks)
    first = 8 * kind.itemsize - DIGIT
    for shift in range(first, -1, -DIGIT):
        counts = {begin: np.zeros(2**DIGIT, dtype=np.int64) for begin in begins}
        for values in chunks:
            keys = _keys(values[np.isfinite(values)].astype(kind, copy=False))
            for begin in counts:
                own = keys if shift == first else keys[keys >> (shift + DIGIT) == begin]
                counts[begin] += np.bincount((own >> shift & (2**DIGIT - 1)).astype(np.int64), minlength=2**DIGIT)
        for number, begin in enumerate(begins):
            passed = np.cumsum(counts[begin])
            digit = int(np.searchsorted(passed, below[number], side="right"))
            below[number] -= int(passed[digit - 1]) if digit else 0
            begins[number] = begin << DIGIT | digit
    return [_number(key, kind.itemsize) for key in begins]


def _keys(numbers: NDArray[np.floating[Any]]) -> NDArray[np.unsignedinteger[Any]]:
    """Return whole numbers in the order of numbers, of as many bits."""
    bits = (numbers + numbers.dtype.type(0)).view(f"u{numbers.itemsize}")  # there is no -0 after + 0
    top = bits.dtype.type(1 << (8 * bits.itemsize - 1))
    keys: NDArray[np.unsignedinteger[Any]] = np.where(bits & top, ~bits, bits | top)
    return keys


def _number(key: int, size: int) -> float:
    """Return the number of a key of so many bytes."""
    top = 1 << (8 * size - 1)
    bits = key ^ top if key & top else key ^ (2 * top - 1)
    return float(np.array([bits], dtype=f"u{size}").view(f"f{size}")[0])
