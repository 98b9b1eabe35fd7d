"""Functions of the language over the innermost lists. What is computed from NaN is NaN.

`argmax` and `argmin` of a list with NaN have no place, -1, as of an empty list; `sorted` puts objects whose place in
the order is NaN last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from snakeroot.physics.expressions import four_vectors, whole
from snakeroot.physics.expressions.elementwise import Function, UnsuitedError, counted, elementwise, floats
from snakeroot.physics.expressions.values import Content, Values, aligned, places


def _of_lists(name: str, lists: int, compute: Function) -> Function:
    """A function whose first `lists` arguments have to be lists."""

    def function(*arguments: Values) -> Values:
        if any(one.depth < 2 for one in arguments[:lists]):
            raise UnsuitedError(f"{name}(…) needs a list per entry, not one value")
        return compute(*arguments)

    return function


def _shorter(values: Values, content: Content) -> Values:
    """One value for each of the innermost lists."""
    return Values(content, values.offsets[:-1])


def _reduced(values: Values, ufunc: np.ufunc, empty: Any) -> Content:
    """Reduce each of the innermost lists; an empty one is `empty`."""
    begins = values.offsets[-1]
    filled = np.diff(begins) > 0
    reduced = np.full(len(filled), empty, values.content.dtype)
    if filled.any():
        reduced[filled] = ufunc.reduceat(values.content, begins[:-1][filled])
    return reduced


def _list_of(values: Values) -> Content:
    """The number of the innermost list that each element is in."""
    counts = np.diff(values.offsets[-1])
    return np.repeat(np.arange(len(counts)), counts)


def _totals(values: Values) -> Content:
    """Sums of the innermost lists, added up element after element."""
    lists = len(values.offsets[-1]) - 1
    return np.bincount(_list_of(values), weights=values.content, minlength=lists).astype(np.float64, copy=False)


def count(values: Values) -> Values:
    """Return how many elements there are, NaN included."""
    return _shorter(values, np.diff(values.offsets[-1]))


def add_up(values: Values) -> Values:
    """Return the sum, 0 of an empty list."""
    numbers = counted(values)
    if numbers.is_whole:
        return _shorter(values, whole.sums(numbers.content, numbers.offsets[-1]))
    return _shorter(values, _totals(numbers))


def _product(values: Values) -> Values:
    numbers = counted(values)
    if numbers.is_whole:
        return _shorter(values, whole.products(numbers.content, numbers.offsets[-1]))
    return _shorter(values, _reduced(numbers, np.multiply, 1.0))


def _mean(values: Values) -> Values:
    numbers = floats(values)
    return _shorter(values, _totals(numbers) / np.diff(values.offsets[-1]))


def _std(values: Values) -> Values:
    away = elementwise(lambda x, mean: np.square(x - mean), floats(values), _mean(values))
    return _shorter(values, np.sqrt(_mean(away).content))


def _extreme(ufunc: np.ufunc) -> Function:
    return lambda values: _shorter(values, _reduced(floats(values), ufunc, np.nan))


def _place(ufunc: np.ufunc) -> Function:
    def function(values: Values) -> Values:
        numbers = counted(values)
        within = _list_of(numbers)
        best = _reduced(numbers, ufunc, 0)
        extremes = np.flatnonzero(numbers.content == best[within])[::-1]  # of equal ones the first is written last
        where = np.full(len(best), -1, np.int64)
        where[within[extremes]] = extremes - values.offsets[-1][:-1][within[extremes]]
        return _shorter(values, where)

    return function


def _truth(ufunc: np.ufunc, empty: bool) -> Function:
    def function(values: Values) -> Values:
        if not values.is_condition:
            raise UnsuitedError("any(…) and all(…) want conditions: compare with something")
        return _shorter(values, _reduced(values, ufunc, empty))

    return function


def _sorted(values: Values, by: Values) -> Values:
    values, by = aligned(values, by)
    keys = -by.content if by.content.dtype.kind == "f" else ~by.content  # ~ reverses whole numbers and conditions
    return Values(values.content[np.lexsort([keys, _list_of(by)])], values.offsets)


def _system(part: str, fourth: str) -> Function:
    def function(*components: Values) -> Values:
        lined = aligned(*map(floats, components))
        lists = max(lined, key=lambda one: one.depth)
        momenta = four_vectors.cartesian(fourth, *(np.broadcast_to(one.content, lists.content.shape) for one in lined))
        summed = (_totals(Values(component, lists.offsets)) for component in momenta)
        return _shorter(lists, four_vectors.part(part, *summed))

    return function


_TO_ONE: dict[str, Function] = {
    "all": _truth(np.logical_and, True),
    "any": _truth(np.logical_or, False),
    "argmax": _place(np.maximum),
    "argmin": _place(np.minimum),
    "count": count,
    "mass": _system("mass", "mass"),
    "mass_e": _system("mass", "energy"),
    "max": _extreme(np.maximum),
    "mean": _mean,
    "min": _extreme(np.minimum),
    "prod": _product,
    "std": _std,
    "sum": add_up,
    "system_eta": _system("eta", "mass"),
    "system_phi": _system("phi", "mass"),
    "system_pt": _system("pt", "mass"),
}

REDUCTIONS: dict[str, Function] = {name: _of_lists(name, 1, compute) for name, compute in _TO_ONE.items()}
"""Functions that turn the innermost lists into one value each."""

LISTS: dict[str, Function] = {"places": _of_lists("places", 1, places), "sorted": _of_lists("sorted", 2, _sorted)}
"""Functions that turn lists into lists of the same lengths."""
