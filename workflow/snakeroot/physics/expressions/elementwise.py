"""Operators and functions of the language that see one element at a time. NaN goes through all of them.

A comparison with NaN is False (`!=` is True), and `where` passes NaN on only from the side that it takes.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable

import numpy as np

from snakeroot.physics.expressions import four_vectors, whole
from snakeroot.physics.expressions.doubles import doubles, losses
from snakeroot.physics.expressions.values import Content, Values, aligned

Function = Callable[..., Values]


class UnsuitedError(Exception):
    """An argument is not of the kind that an operation takes; the text says which it takes."""


def counted(values: Values) -> Values:
    """A condition in arithmetic and in functions is 0 or 1."""
    return Values(values.content.astype(np.int64), values.offsets) if values.is_condition else values


def floats(values: Values) -> Values:
    """Return float64."""
    return Values(doubles(values.content), values.offsets)


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


class Bits(Values):
    """Whole numbers whose bits were chosen: to be compared, before they choose from a list as conditions do."""


def _of_bits(compute: Callable[..., Content]) -> Function:
    """An operator of conditions, or of the bits of whole numbers."""

    def function(first: Values, second: Values) -> Values:
        if first.is_condition and second.is_condition:
            return elementwise(compute, first, second)
        if not (first.is_whole and second.is_whole):
            raise UnsuitedError(
                "& and | combine conditions (put parentheses around each comparison), or the bits of whole numbers; an "
                "element, such as x[0], is no whole number, as it may be missing: write (x & 2)[0]"
            )
        bits = elementwise(functools.partial(whole.bits, compute), first, second)
        return Bits(bits.content, bits.offsets)

    return function


def _inverted(values: Values) -> Values:
    if not values.is_condition:
        raise UnsuitedError("~ is the contrary of a condition; put parentheses around a comparison")
    return elementwise(operator.invert, values)


def _shift(compute: Callable[..., Content]) -> Function:
    def function(values: Values, count: Values) -> Values:
        if not values.is_whole:
            raise UnsuitedError(
                "<< and >> shift the bits of whole numbers; an element, such as x[0], is no whole number, as it may be "
                "missing: write (x >> 2)[0]"
            )
        return elementwise(compute, values, count)

    return function


def _comparison(compute: Callable[..., Content]) -> Function:
    compared = _of_numbers(compute, compute)

    def function(first: Values, second: Values) -> Values:
        with losses("", Counter()):  # nothing goes on from here as float64
            return compared(first, second)

    return function


def _divided(of_whole: Callable[..., Content], of_floats: Callable[..., Content]) -> Function:
    """A kind of division, which by 0 is what it is of floating-point numbers; whole if no divisor can be 0."""

    def of_any(first: Content, second: Content) -> Content:
        zero = second == 0
        quotient = of_whole(first, np.where(zero, np.ones((), second.dtype), second))
        by_zero = of_floats(np.sign(first).astype(np.float64), np.zeros(()))
        return np.where(zero, by_zero, doubles(quotient))

    def function(first: Values, second: Values) -> Values:
        safe = second.depth == 0 and bool(second.content != 0)
        return _of_numbers(of_whole if safe else of_any, of_floats)(first, second)

    return function


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
    "isfinite": _of_numbers(lambda x: np.ones(x.shape, bool), np.isfinite),
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
    "FloorDiv": _divided(whole.quotient, np.floor_divide),
    "Mod": _divided(whole.remainder, np.mod),
    "Pow": _of_floats(_power),
    "UAdd": counted,
    "USub": _of_numbers(lambda x: whole.subtract(np.zeros((), np.int64), x), operator.neg),
    "BitAnd": _of_bits(operator.and_),
    "BitOr": _of_bits(operator.or_),
    "Invert": _inverted,
    "LShift": _shift(whole.shifted_left),
    "RShift": _shift(whole.shifted_right),
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
