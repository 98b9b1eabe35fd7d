"""Exact arithmetic of whole numbers of 64 bits, signed and unsigned alike: a result is right, or it is refused.

Negative numbers beside those from 2⁶³ on, which no type of 64 bits holds together, are Python's whole numbers: what is
refused depends on each number alone, and not on which others are read with it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.physics.expressions.values import Content, Offsets

Operation = Callable[[Any, Any], Any]

LOWEST, HIGHEST = -(2**63), 2**64 - 1
"""The least int64 and the largest uint64."""


class TooLargeError(Exception):
    """A whole number is neither a signed nor an unsigned one of 64 bits.

    Attributes:
        place: of the first such number.
    """

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def add(first: Content, second: Content) -> Content:
    """Return the sums, exactly."""
    return _exact(operator.add, first, second)


def subtract(first: Content, second: Content) -> Content:
    """Return the differences, exactly."""
    return _exact(operator.sub, first, second)


def multiply(first: Content, second: Content) -> Content:
    """Return the products, exactly."""
    return _exact(operator.mul, first, second)


def remainder(first: Content, second: Content) -> Content:
    """Return the remainders, with the sign of the divisor; no divisor is 0."""
    low, high = _ends(second)
    return _computed(operator.mod, first, second, min(low, 0), max(high, 0))


def quotient(first: Content, second: Content) -> Content:
    """Return the quotients, rounded down; no divisor is 0."""
    low, high = _ends(first)
    return _computed(operator.floordiv, first, second, min(low, -high), max(high, -low))


def bits(operation: Operation, first: Content, second: Content) -> Content:
    """Return what `and` or `or` makes of the bits; negative numbers have ones in front without end."""
    return _computed(operation, first, second, 0, 0)  # a result is of no more bits than its operands


def shifted_left(first: Content, count: Content) -> Content:
    """Return the numbers with so many zeros behind their bits, exactly."""
    return multiply(first, _power_of_two(count))


def shifted_right(first: Content, count: Content) -> Content:
    """Return the numbers without so many of their last bits."""
    return quotient(first, _power_of_two(count))


def _power_of_two(count: Content) -> Content:
    return np.asarray(2 ** int(count), np.uint64)


def absolute(values: Content) -> Content:
    """Return the magnitudes, exactly."""
    if values.dtype != object and _ends(values)[0] > -(2**63):
        return np.abs(values)
    return fitting(np.abs(values.astype(object)))


def chosen(choose: Operation, first: Content, second: Content) -> Content:
    """Return what an operation chooses from both, exactly."""
    result = np.asarray(choose(*alike(first, second)))
    return fitting(result) if result.dtype == object else result


def alike(first: Content, second: Content) -> tuple[Content, Content]:
    """Return both in the one type that holds all of them."""
    ends = [*_ends(first), *_ends(second)]
    kind = np.int64 if max(ends) < 2**63 else np.uint64 if min(ends) >= 0 else object
    return first.astype(kind, copy=False), second.astype(kind, copy=False)


def sums(values: Content, offsets: Offsets) -> Content:
    """Return the sum of each list, exactly; 0 of an empty one."""
    longest = int(np.diff(offsets).max(initial=0))
    if longest * max(map(abs, _ends(values))) < 2**63:
        totals = np.concatenate([np.zeros(1, np.int64), np.cumsum(values.astype(np.int64), dtype=np.int64)])
        return np.asarray(
            totals[offsets[1:]] - totals[offsets[:-1]]
        )  # what wraps in the running sum wraps back in the difference
    return _per_list(sum, values, offsets)


def products(values: Content, offsets: Offsets) -> Content:
    """Return the product of each list, exactly; 1 of an empty one."""
    return _per_list(_product, values, offsets)


def _product(factors: Sequence[int]) -> int:
    """Return a product, or of one that is beyond 64 bits as much of it as shows that."""
    product = 0 if 0 in factors else 1
    for factor in factors if product else ():
        product *= factor
        if abs(product) > HIGHEST:
            break
    return product


def _per_list(reduce: Callable[[Any], int], values: Content, offsets: Offsets) -> Content:
    plain = values.tolist()
    lists = [reduce(plain[begin:end]) for begin, end in pairwise(offsets)]
    try:
        return fitting(np.array(lists, dtype=object))
    except TooLargeError as error:
        raise TooLargeError(int(offsets[error.place])) from error


def fitting(values: NDArray[Any]) -> Content:
    """Return Python's whole numbers in 64 bits, signed if they fit; as they are if they fit, but not into one type.

    Raises:
        TooLargeError: if neither type holds one of them.
    """
    low, high = (int(end) for end in (min(values.flat, default=0), max(values.flat, default=0)))
    if low >= LOWEST and high < 2**63:
        return np.asarray(values.astype(np.int64))
    if low >= 0 and high <= HIGHEST:
        return np.asarray(values.astype(np.uint64))
    beyond = np.asarray((values < LOWEST) | (values > HIGHEST))
    if beyond.any():
        raise TooLargeError(int(np.argmax(beyond)))
    return values


def _exact(operation: Operation, first: Content, second: Content) -> Content:
    """Compute an operation whose extremes are among those of its operands' extremes."""
    ends = [operation(one, other) for one in _ends(first) for other in _ends(second)]
    return _computed(operation, first, second, min(ends), max(ends))


def _computed(operation: Operation, first: Content, second: Content, low: int, high: int) -> Content:
    """Compute in 64 bits if operands and results, from `low` to `high`, fit; else in Python's whole numbers."""
    ends = [low, high, *_ends(first), *_ends(second)]
    if min(ends) >= LOWEST and max(ends) < 2**63:
        return np.asarray(operation(first.astype(np.int64, copy=False), second.astype(np.int64, copy=False)))
    return fitting(np.asarray(operation(first.astype(object), second.astype(object)), dtype=object))


def _ends(values: Content) -> tuple[int, int]:
    """The least and the largest; 0 of none."""
    return (int(values.min()), int(values.max())) if values.size else (0, 0)
