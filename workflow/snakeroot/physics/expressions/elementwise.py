"""Operators and functions of the language that see one element at a time. NaN goes through all of them.

A comparison with NaN is False (`!=` is True), and `where` passes NaN on only from the side that it takes.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

import numpy as np

from snakeroot.physics.expressions import four_vectors, whole
from snakeroot.physics.expressions.values import Content, Values, aligned

Function = Callable[..., Values]


class UnsuitedError(Exception):
    """An argument is not of the kind that an operation takes; the text says which it takes."""


def counted(values: Values) -> Values:
    """A condition in arithmetic and in functions is 0 or 1."""
    return Values(values.content.astype(np.int64), values.offsets) if values.is_condition else values


def floats(values: Values) -> Values:
    """Return float64."""
    return Values(values.content.astype(np.float64, copy=False), values.offsets)


def elementwise(compute: Callable[..., Content], *arguments: Values) -> Values:
    """Return what `compute` makes of the flat arrays, once a number stands for each element of a list beside it."""
    lined = aligned(*arguments)
    return Values(np.asarray(compute(*(one.content for one in lined))), max(lined, key=lambda one: one.depth).offsets)


def _of_floats(compute: Callable[..., Content]) -> Function:
    return lambda *arguments: elementwise(compute, *map(floats, arguments))


def _of_numbers(of_whole: Callable[..., Content], of_floats: Callable[..., Content]) -> Function:
    """A function that is exact if all of its arguments are whole."""

    def function(*arguments: Values) -> Values:
        numbers = [counted(one) for one in arguments]
        if all(one.is_whole for one in numbers):
            return elementwise(of_whole, *numbers)
        return elementwise(of_floats, *map(floats, numbers))

    return function


def _of_conditions(compute: Callable[..., Content]) -> Function:
    def function(*arguments: Values) -> Values:
        if not all(one.is_condition for one in arguments):
            raise UnsuitedError("&, | and ~ combine conditions; put parentheses around each comparison")
        return elementwise(compute, *arguments)

    return function


def _comparison(compute: Callable[..., Content]) -> Function:
    return _of_numbers(compute, compute)


def _zero_is_nan(first: Content, second: Content) -> Content:
    """Whole numbers modulo others, of which some are 0."""
    zero = second == 0
    found = whole.remainder(first, np.where(zero, np.ones((), second.dtype), second))
    return np.where(zero, np.nan, found.astype(np.float64))


def remainder(first: Values, second: Values) -> Values:
    """Return the remainder with the sign of the divisor, NaN for a divisor of 0; whole if no divisor can be 0."""
    safe = second.depth == 0 and bool(second.content != 0)
    return _of_numbers(whole.remainder if safe else _zero_is_nan, np.mod)(first, second)


def where(condition: Values, first: Values, second: Values) -> Values:
    """Return the first where the condition holds, else the second."""
    if not condition.is_condition:
        raise UnsuitedError("where(condition, a, b) wants a condition first: compare it with something")
    if not first.is_condition or not second.is_condition:
        first, second = counted(first), counted(second)
    if first.content.dtype != second.content.dtype:
        if first.is_whole and second.is_whole:
            return elementwise(
                lambda c, a, b: whole.chosen(lambda x, y: np.where(c, x, y), a, b), condition, first, second
            )
        first, second = floats(first), floats(second)
    return elementwise(np.where, condition, first, second)


def _power(base: Content, exponent: Content) -> Content:
    """A root of a negative number is NaN, of minus infinity too, which numpy tells apart by the exponent."""
    return np.where((base < 0) & (exponent != np.floor(exponent)), np.nan, base**exponent)


def _delta_phi(first: Content, second: Content) -> Content:
    """Difference of two angles, in [-π, π)."""
    return (first - second + np.pi) % (2 * np.pi) - np.pi


ELEMENTWISE: dict[str, Function] = {
    "abs": _of_numbers(whole.absolute, np.abs),
    "arccos": _of_floats(np.arccos),
    "arcsin": _of_floats(np.arcsin),
    "arcsinh": _of_floats(np.arcsinh),
    "arctan": _of_floats(np.arctan),
    "arctan2": _of_floats(np.arctan2),
    "cos": _of_floats(np.cos),
    "cosh": _of_floats(np.cosh),
    "delta_phi": _of_floats(_delta_phi),
    "delta_r": _of_floats(four_vectors.delta_r),
    "exp": _of_floats(np.exp),
    "hypot": _of_floats(np.hypot),
    "isfinite": _of_floats(np.isfinite),
    "log": _of_floats(np.log),
    "log10": _of_floats(np.log10),
    "maximum": _of_numbers(functools.partial(whole.chosen, np.maximum), np.maximum),
    "minimum": _of_numbers(functools.partial(whole.chosen, np.minimum), np.minimum),
    "pair_mass": _of_floats(four_vectors.pair("mass")),
    "pair_mass_e": _of_floats(four_vectors.pair("energy")),
    "sin": _of_floats(np.sin),
    "sinh": _of_floats(np.sinh),
    "sqrt": _of_floats(np.sqrt),
    "tan": _of_floats(np.tan),
    "tanh": _of_floats(np.tanh),
    "where": where,
}
"""Functions of numbers."""

OPERATORS: dict[str, Function] = {
    "Add": _of_numbers(whole.add, operator.add),
    "Sub": _of_numbers(whole.subtract, operator.sub),
    "Mult": _of_numbers(whole.multiply, operator.mul),
    "Div": _of_floats(operator.truediv),
    "Mod": remainder,
    "Pow": _of_floats(_power),
    "UAdd": counted,
    "USub": _of_numbers(lambda x: whole.subtract(np.zeros((), np.int64), x), operator.neg),
    "BitAnd": _of_conditions(operator.and_),
    "BitOr": _of_conditions(operator.or_),
    "Invert": _of_conditions(operator.invert),
}
"""Operators, by their names in the syntax tree."""

COMPARISONS: dict[str, Function] = {
    "Lt": _comparison(operator.lt),
    "LtE": _comparison(operator.le),
    "Gt": _comparison(operator.gt),
    "GtE": _comparison(operator.ge),
    "Eq": _comparison(operator.eq),
    "NotEq": _comparison(operator.ne),
}
"""Whole numbers are compared exactly, whatever their signs; beside other numbers they are float64."""
