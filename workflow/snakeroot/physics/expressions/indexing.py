"""What stands in `x[…]`: a place, a slice, places of each entry, or a condition; behind `:` for lists in lists."""

from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np

from snakeroot.physics.expressions.combinations import FractionError, TooManyError, check_places, gathered, inner
from snakeroot.physics.expressions.elementwise import Bits, UnsuitedError
from snakeroot.physics.expressions.language import is_pick
from snakeroot.physics.expressions.values import MismatchError, Values, at, masked, places

Index = ast.Slice | int | Values
"""A slice or a place, as it is written; or what was computed."""

FARTHEST = 2**62
"""No list has so many elements: what is farther away is as far."""


def indexed(value: Values, index: ast.expr, evaluate: Callable[[ast.expr], Values]) -> Values:
    """Return `value[index]`.

    Raises:
        UnsuitedError: if the value has no such lists, or the index is none.
        MismatchError, TooManyError, FractionError: see there.
    """
    levels = 0
    if isinstance(index, ast.Tuple):
        levels, index = len(index.elts) - 1, index.elts[-1]
    if isinstance(index, ast.Slice):
        return _taken(value, index, levels)
    pick = is_pick(index)
    return _taken(value, evaluate(index) if pick is None else pick, levels)


def _taken(value: Values, wanted: Index, levels: int) -> Values:
    """Take what is wanted from the outermost lists, or from those that are so many levels below."""
    if value.depth < 2:
        raise UnsuitedError("[…] needs a list per entry, not one value; [:, …] needs lists in it")
    if levels:
        elements, one = inner(value, wanted) if isinstance(wanted, Values) else (value.elements, wanted)
        try:
            taken = _taken(elements, one, levels - 1)
        except (MismatchError, TooManyError, FractionError) as error:
            if error.row is not None:  # an element, which here is a row
                error.row = int(np.searchsorted(value.offsets[0], error.row, side="right")) - 1
            raise
        return Values(taken.content, (value.offsets[0], *taken.offsets))
    if isinstance(wanted, ast.Slice):
        return _sliced(value, wanted)
    if isinstance(wanted, int):
        return at(value, np.asarray(min(wanted, FARTHEST) if wanted >= 0 else value.counts + max(wanted, -FARTHEST)))
    return _chosen(value, wanted)


def _sliced(value: Values, wanted: ast.Slice) -> Values:
    place = places(value)
    counts = np.repeat(value.counts, value.counts)
    passed = np.ones(len(counts), dtype=bool)
    for end, compare in ((wanted.lower, np.greater_equal), (wanted.upper, np.less)):
        if end is not None:
            bound = max(min(is_pick(end) or 0, FARTHEST), -FARTHEST)
            passed &= compare(place.content, bound if bound >= 0 else counts + bound)
    return masked(value, Values(passed, place.offsets))


def _chosen(value: Values, wanted: Values) -> Values:
    if isinstance(wanted, Bits):
        raise UnsuitedError("compare the bits, as in x[(flags & 2) > 0]; as they are they would be places in the list")
    if wanted.is_condition and 2 <= wanted.depth <= value.depth:
        return masked(value, wanted)
    if wanted.is_condition or wanted.depth == 0:
        raise UnsuitedError(
            "[…] takes a number, such as x[0], places, such as x[argmax(y)], or a condition for each of the list's "
            "objects, such as x[x > 30]"
        )
    check_places(wanted)
    return at(value, wanted.content) if wanted.depth == 1 else gathered(value, wanted)
