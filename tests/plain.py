"""The language of expressions a second time: one entry at a time, in plain Python, as it is documented.

Whole numbers are Python's, so no type overflows; what leaves 64 bits is refused.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

NAN = math.nan


class RefusedError(Exception):
    """The expression has no value here: lists of different lengths, or a whole number beyond 64 bits."""


def _guarded(function: Callable[..., float], overflow: float = math.inf) -> Callable[..., float]:
    """A function of `math` whose errors are what IEEE 754 says instead."""

    def guarded(*numbers: float) -> float:
        if any(math.isnan(number) for number in numbers):
            return NAN
        try:
            return function(*numbers)
        except OverflowError:
            return overflow
        except ValueError:
            return NAN

    return guarded


def _odd(function: Callable[[float], float]) -> Callable[[float], float]:
    guarded = _guarded(function)
    return lambda x: math.copysign(guarded(abs(x)), x) if not math.isnan(x) else NAN


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: -math.inf if x == 0 else _guarded(function)(x)


def _divided(first: float, second: float) -> float:
    if second == 0:
        if first == 0 or math.isnan(first):
            return NAN
        return math.copysign(math.inf, first) * math.copysign(1.0, second)
    return first / second


def _power(base: float, exponent: float) -> float:
    if exponent == 0:
        return 1.0
    if base == 0 and exponent == 0.5:
        return base  # a root, which keeps the sign of -0
    odd = exponent == int(exponent) and int(exponent) % 2 == 1
    if base == 0 and exponent < 0:
        return math.copysign(math.inf, base) if odd else math.inf
    if base < 0 and exponent != int(exponent):
        return NAN
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and odd else math.inf


def _modulo(first: float, second: float) -> float:
    if second == 0 or math.isinf(first) or math.isnan(first) or math.isnan(second):
        return NAN
    return first % second


def _delta_phi(first: float, second: float) -> float:
    return _modulo(first - second + math.pi, 2 * math.pi) - math.pi


def _hypot(x: float, y: float) -> float:
    return math.hypot(x, y) if math.isinf(x) or math.isinf(y) else _guarded(math.hypot)(x, y)


OF_FLOATS: dict[str, Callable[..., float]] = {
    **{name: _guarded(getattr(math, name.replace("arc", "a"))) for name in ("arccos", "arcsin", "arcsinh", "arctan")},
    **{name: _guarded(getattr(math, name)) for name in ("cos", "cosh", "exp", "sin", "sqrt", "tan", "tanh")},
    "arctan2": _guarded(math.atan2),
    "delta_phi": _delta_phi,
    "hypot": _hypot,
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "sinh": _odd(math.sinh),
}
COMPARE = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
OF_BITS = {ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.LShift: operator.lshift, ast.RShift: operator.rshift}
WHOLE = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def split(index: ast.expr) -> tuple[int, ast.expr]:
    """Return how many `:` an index begins with, and what follows."""
    return (len(index.elts) - 1, index.elts[-1]) if isinstance(index, ast.Tuple) else (0, index)


def each(function: Callable[..., Any], *values: Any) -> Any:
    """Apply a function to numbers, element by element where some of them are lists."""
    lists = [value for value in values if isinstance(value, list)]
    if not lists:
        return function(*values)
    if len({len(one) for one in lists}) > 1:
        raise RefusedError
    columns = (value if isinstance(value, list) else [value] * len(lists[0]) for value in values)
    return [each(function, *row) for row in zip(*columns, strict=True)]


def innermost(function: Callable[[list[Any]], Any], values: list[Any], depth: int) -> Any:
    """Apply a function to the innermost lists of so many inside each other."""
    return function(values) if depth == 1 else [innermost(function, one, depth - 1) for one in values]


def whole(number: int) -> int:
    """Refuse what has more than 64 bits."""
    if not -(2**63) <= number < 2**64:
        raise RefusedError
    return number


class Plain:
    """An expression of one entry.

    Attributes:
        large: whether a whole number was met that an int64 does not hold.
    """

    def __init__(self, kinds: Mapping[str, type], depths: Mapping[str, int], entry: Mapping[str, Any]) -> None:
        self.kinds, self.depths, self.entry, self.large = kinds, depths, entry, False

    def kind(self, node: ast.expr) -> type:
        """Return bool, int or float: what an expression gives, whatever the entry."""

        def of(*nodes: ast.expr) -> type:
            found = [self.kind(one) for one in nodes]
            return float if float in found else int

        match node:
            case ast.Name(id=name):
                return self.kinds[name]
            case ast.Constant(value=value):
                return type(value)
            case ast.Compare() | ast.UnaryOp(op=ast.Invert()):
                return bool
            case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr()):
                return self.kind(left)
            case ast.BinOp(op=ast.LShift() | ast.RShift()):
                return int
            case ast.BinOp(left=left, op=ast.Mod() | ast.FloorDiv(), right=right):
                return of(left, right) if isinstance(right, ast.Constant) and right.value != 0 else float
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
                return of(left, right)
            case ast.UnaryOp(operand=operand):
                return of(operand)
            case ast.Subscript(value=value, slice=index):
                levels, last = split(index)
                same = isinstance(last, ast.Slice) or self.kind(last) is bool or self.depth(value) - levels > 1
                return self.kind(value) if same or self.kind(value) is bool else float
            case ast.Call(func=ast.Name(id="where"), args=[_, first, second]):
                return bool if self.kind(first) is self.kind(second) is bool else of(first, second)
            case ast.Call(func=ast.Name(id="concatenate"), args=[first, second]):
                return bool if self.kind(first) is self.kind(second) is bool else of(first, second)
            case ast.Call(func=ast.Name(id="sorted"), args=[values, _]):
                return self.kind(values)
            case ast.Call(func=ast.Name(id="any" | "all" | "isfinite" | "isin")):
                return bool
            case ast.Call(func=ast.Name(id="argmax" | "argmin" | "count" | "places" | "argcombinations" | "argcross")):
                return int
            case ast.Call(func=ast.Name(id="abs" | "maximum" | "minimum" | "sum" | "prod"), args=arguments):
                return of(*arguments)
        return float

    def depth(self, node: ast.expr) -> int:
        """Return 0 of a number, 1 of a list, and so on."""
        match node:
            case ast.Name(id=name):
                return self.depths[name]
            case ast.Subscript(value=value, slice=index):
                levels, last = split(index)
                if isinstance(last, ast.Slice) or self.kind(last) is bool:
                    return self.depth(value)
                return self.depth(value) - 1 + max(self.depth(last) - levels, 0)
            case ast.Call(func=ast.Name(id="argcombinations" | "argcross")):
                return 2
            case ast.Call(func=ast.Name(id="places")):
                return 1
            case ast.Call(func=ast.Name(id="isin"), args=[values, _]):
                return self.depth(values)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                reduces = name in REDUCTIONS
                return max(map(self.depth, arguments)) - reduces
        return max(
            (self.depth(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)), default=0
        )

    def value(self, node: ast.expr) -> Any:
        """Return bool, int or float, or lists of them."""
        found = self._value(node)
        wanted = self.kind(node)

        def checked(number: Any) -> Any:
            number = wanted(number)
            if wanted is int:
                self.large |= not -(2**63) <= whole(number) < 2**63
            return number

        return each(checked, found)

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self.entry[name]
            case ast.UnaryOp(op=op, operand=operand):
                value = self.value(operand)
                return each(
                    {ast.Invert: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos}[type(op)], value
                )
            case ast.BinOp(left=left, op=op, right=right):
                return self._operation(op, left, right)
            case ast.Compare(left=left, ops=ops, comparators=others):
                pairs = zip(ops, zip((left, *others[:-1]), others, strict=True), strict=True)
                results = [each(COMPARE[type(op)], *self._numbers(*pair)) for op, pair in pairs]
                return reduce(lambda one, other: each(operator.and_, one, other), results)
            case ast.Subscript(value=value, slice=index):
                return self._index(value, index)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._call(name, arguments)
        raise AssertionError(ast.dump(node))

    def _numbers(self, *nodes: ast.expr) -> list[Any]:
        """The values of several parts, whole if all of them are, else floats."""
        values = [self.value(node) for node in nodes]
        wanted = float if float in [self.kind(node) for node in nodes] else int
        return [each(wanted, value) for value in values]

    def _floats(self, *nodes: ast.expr) -> list[Any]:
        return [each(float, self.value(node)) for node in nodes]

    def _operation(self, op: ast.operator, left: ast.expr, right: ast.expr) -> Any:
        if type(op) in OF_BITS:
            return each(OF_BITS[type(op)], self.value(left), self.value(right))
        if isinstance(op, ast.Div | ast.Pow):
            return each(_divided if isinstance(op, ast.Div) else _power, *self._floats(left, right))
        if isinstance(op, ast.Mod):
            exact = lambda a, b: (a % b if b else NAN) if isinstance(b, int) else _modulo(a, b)  # noqa: E731
            return each(exact, *self._numbers(left, right))
        if isinstance(op, ast.FloorDiv):
            return each(lambda a, b: a // b if b else _divided(a, b), *self._numbers(left, right))
        return each(WHOLE[type(op)], *self._numbers(left, right))

    def _index(self, of: ast.expr, index: ast.expr) -> Any:
        levels, last = split(index)
        if isinstance(last, ast.Slice):
            ends = [None if end is None else ast.literal_eval(end) for end in (last.lower, last.upper)]
            return self._within(lambda value, _: value[slice(*ends)], self.value(of), None, levels)
        chosen = self.value(last)
        if self.kind(last) is bool:
            mask = lambda value, some: self._masked(value, some, self.depth(last) - levels)  # noqa: E731
            return self._within(mask, self.value(of), chosen, levels)
        missing: Any = [] if self.depth(of) - levels > 1 else False if self.kind(of) is bool else NAN
        written = isinstance(last, ast.Constant | ast.UnaryOp)

        def taken(value: list[Any], place: Any) -> Any:
            if isinstance(place, list):
                return [taken(value, one) for one in place]
            if not math.isfinite(place):
                return missing
            if place != int(place):
                raise RefusedError
            place = int(place) + len(value) if written and place < 0 else int(place)
            return value[place] if 0 <= place < len(value) else missing

        return self._within(taken, self.value(of), chosen, levels)

    def _within(self, take: Callable[[list[Any], Any], Any], value: list[Any], chosen: Any, levels: int) -> Any:
        """Take from the lists that are so many levels below; what is chosen of each stands in the same lists."""
        if levels == 0:
            return take(value, chosen)
        beside = chosen if isinstance(chosen, list) else [chosen] * len(value)
        if len(value) != len(beside):
            raise RefusedError
        return [self._within(take, one, other, levels - 1) for one, other in zip(value, beside, strict=True)]

    def _masked(self, value: list[Any], mask: list[Any], depth: int) -> list[Any]:
        if len(value) != len(mask):
            raise RefusedError
        if depth > 1:
            return [self._masked(one, some, depth - 1) for one, some in zip(value, mask, strict=True)]
        return [one for one, chosen in zip(value, mask, strict=True) if chosen]

    def _call(self, name: str, arguments: list[ast.expr]) -> Any:
        if name == "where":
            condition, first, second = (self.value(argument) for argument in arguments)
            return each(lambda c, a, b: a if c else b, condition, first, second)
        if name == "isfinite":
            return each(math.isfinite, *self._floats(*arguments))
        if name == "abs":
            return each(abs, *self._numbers(*arguments))
        if name in ("maximum", "minimum"):
            choose = max if name == "maximum" else min
            return each(
                lambda a, b: NAN if math.isnan(a) or math.isnan(b) else choose(a, b), *self._numbers(*arguments)
            )
        if name in OF_FLOATS:
            return each(OF_FLOATS[name], *self._floats(*arguments))
        if name == "sorted":
            return self._sorted(*arguments)
        if name in ("argcombinations", "argcross", "concatenate", "isin", "places"):
            return self._combination(name, arguments)
        [argument] = arguments
        floats = name in ("max", "min", "mean", "std")
        [values] = self._floats(argument) if floats else [self.value(argument)]
        return innermost(REDUCTIONS[name], values, self.depth(argument))

    def _combination(self, name: str, arguments: list[ast.expr]) -> Any:
        first = self.value(arguments[0])
        if name == "places":
            return list(range(len(first)))
        second = self.value(arguments[1])
        if name == "argcombinations":
            return [list(one) for one in itertools.combinations(range(len(first)), second)]
        if name == "argcross":
            return [list(range(len(second))) for _ in first]
        if name == "concatenate":
            return first + second
        first, second = self._numbers(*arguments)
        return each(lambda value: any(value == other for other in second), first)

    def _sorted(self, of: ast.expr, by: ast.expr) -> Any:
        values, keys = self.value(of), self.value(by)
        pairs = each(lambda value, key: (value, key), values, keys)

        def ordered(row: list[Any]) -> list[Any]:
            known = [pair for pair in row if not math.isnan(pair[1])]
            unknown = [pair for pair in row if math.isnan(pair[1])]
            return [value for value, _ in [*sorted(known, key=lambda pair: -pair[1]), *unknown]]

        return innermost(ordered, pairs, max(map(self.depth, (of, by))))


def _extreme(choose: Callable[..., float]) -> Callable[[list[float]], float]:
    return lambda row: NAN if not row or any(map(math.isnan, row)) else choose(row)


def _place(choose: Callable[..., float]) -> Callable[[list[float]], int]:
    return lambda row: -1 if not row or any(map(math.isnan, row)) else row.index(choose(row))


def _sum(row: list[Any]) -> Any:
    return reduce(operator.add, row, 0)  # the built-in `sum` rounds otherwise


def _mean(row: list[float]) -> float:
    return _sum([0.0, *row]) / len(row) if row else NAN


def _std(row: list[float]) -> float:
    mean = _mean(row)
    return _guarded(math.sqrt)(_mean([_guarded(operator.mul)(x - mean, x - mean) for x in row]))


REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "all": all,
    "any": any,
    "argmax": _place(max),
    "argmin": _place(min),
    "count": len,
    "max": _extreme(max),
    "mean": _mean,
    "min": _extreme(min),
    "prod": math.prod,
    "std": _std,
    "sum": _sum,
}
