"""Computing an expression on awkward arrays of branches, one entry per event along the first axis."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.expressions import four_vectors
from snakeroot.expressions.language import LISTS, REDUCTIONS, Expression, is_pick

Value = Any
"""An awkward array of booleans, 64-bit integers or 64-bit floats, or such a number itself."""


def _delta_phi(first: Value, second: Value) -> Value:
    """Difference of two angles, in [-π, π)."""
    return (first - second + np.pi) % (2 * np.pi) - np.pi


def _filled(values: ak.Array) -> ak.Array:
    """Replace what is not there (the second of a list of one, the largest of none), wherever an expression makes it.

    A number becomes NaN, a condition False, a list empty: from then on comparisons, & | and ~ have no third value.
    """
    if values.ndim > 1:
        values = ak.fill_none(values, [], axis=0)
    if _is_boolean(values):
        return ak.fill_none(values, False, axis=-1)
    return ak.fill_none(ak.values_astype(values, np.float64), np.nan, axis=-1)


def _mean(values: ak.Array) -> ak.Array:
    return ak.sum(values, axis=-1) / ak.count(values, axis=-1)


def _place(places: ak.Array) -> ak.Array:
    """Where something is in its list; -1, which is no place, in an empty one."""
    return ak.fill_none(places, -1, axis=-1)


def _sorted(values: ak.Array, by: ak.Array) -> ak.Array:
    values, by = ak.broadcast_arrays(values, by)  # which refuses lists of different lengths
    return values[ak.argsort(by, axis=-1, ascending=False, stable=True)]


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": np.abs,
    "arccos": np.arccos,
    "arcsin": np.arcsin,
    "arcsinh": np.arcsinh,
    "arctan": np.arctan,
    "arctan2": np.arctan2,
    "cos": np.cos,
    "cosh": np.cosh,
    "delta_phi": _delta_phi,
    "delta_r": four_vectors.delta_r,
    "exp": np.exp,
    "hypot": np.hypot,
    "isfinite": np.isfinite,
    "log": np.log,
    "log10": np.log10,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "pair_mass": four_vectors.pair_mass,
    "pair_mass_e": four_vectors.pair_mass_e,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
    "where": ak.where,
    "all": lambda x: ak.all(x, axis=-1),
    "any": lambda x: ak.any(x, axis=-1),
    "argmax": lambda x: _place(ak.argmax(x, axis=-1)),
    "argmin": lambda x: _place(ak.argmin(x, axis=-1)),
    "count": lambda x: ak.count(x, axis=-1),
    "mass": lambda *x: four_vectors.system(*x).mass,
    "mass_e": lambda *x: four_vectors.system_e(*x).mass,
    "max": lambda x: _filled(ak.max(x, axis=-1)),
    "mean": _mean,
    "min": lambda x: _filled(ak.min(x, axis=-1)),
    "prod": lambda x: ak.prod(x, axis=-1),
    "std": lambda x: np.sqrt(_mean(abs(x - _mean(x)) ** 2)),
    "sum": lambda x: ak.sum(x, axis=-1),
    "system_eta": lambda *x: four_vectors.system(*x).eta,
    "system_phi": lambda *x: four_vectors.system(*x).phi,
    "system_pt": lambda *x: four_vectors.system(*x).pt,
    "sorted": _sorted,
}

_BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}

_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def numbers(expression: Expression, branches: Mapping[str, ak.Array], entries: int) -> NDArray[np.float64]:
    """Return one float64 per entry, NaN where the expression has no value (`x[1]` of a list of one).

    Args:
        branches: the arrays of `expression.branches`, `entries` long each.

    Raises:
        SnakerootError: if the result is a list per entry, or the lists that it combines differ in length.
    """
    value = _evaluate(expression, branches)
    if isinstance(value, ak.Array):
        if value.ndim != 1:
            raise SnakerootError(
                f"the expression {expression.text!r} gives a list of values per entry where one number is expected: "
                f"reduce it ({', '.join(REDUCTIONS)}) or take one element, such as x[0]"
            )
        return np.asarray(ak.to_numpy(ak.values_astype(value, np.float64)))
    return np.full(entries, float(value))


def values(expression: Expression, branches: Mapping[str, ak.Array], entries: int) -> ak.Array | NDArray[np.float64]:
    """Return one list of float64 per entry, or one number as `numbers` does.

    Raises:
        SnakerootError: if the result is a list of lists per entry.
    """
    value = _evaluate(expression, branches)
    if not isinstance(value, ak.Array):
        return np.full(entries, float(value))
    value = ak.values_astype(value, np.float64)
    if value.ndim == 1:
        return np.asarray(ak.to_numpy(value))
    if value.ndim > 2:
        raise SnakerootError(
            f"the expression {expression.text!r} gives a list of lists per entry where a list is expected: "
            f"reduce it ({', '.join(REDUCTIONS)}) or take one list, such as x[0]"
        )
    return value


def conditions(expression: Expression, branches: Mapping[str, ak.Array], entries: int) -> NDArray[np.bool_]:
    """Return one boolean per entry; a comparison with an element that is not there is one with NaN.

    Raises:
        SnakerootError: if the result is not a condition, or is one per object instead of per entry.
    """
    value = _evaluate(expression, branches)
    if not _is_boolean(value):
        raise SnakerootError(f"the selection {expression.text!r} is not a condition: compare it with something")
    if isinstance(value, ak.Array):
        if value.ndim != 1:
            raise SnakerootError(
                f"the selection {expression.text!r} gives a list of conditions per entry: say any(…) or all(…)"
            )
        return np.asarray(ak.to_numpy(value))
    return np.full(entries, bool(value))


def _evaluate(expression: Expression, branches: Mapping[str, ak.Array]) -> Value:
    promoted = {name: _promote(name, branches[name]) for name in expression.branches}
    try:
        with np.errstate(all="ignore"):  # what is not finite is counted by the caller, not warned about
            return _walk(expression.tree, promoted, expression.text)
    except (ValueError, TypeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SnakerootError(
            f"the expression {expression.text!r} cannot be computed: do its lists have the same length per entry? "
            f"({reason})"
        ) from error


def _promote(name: str, array: ak.Array) -> ak.Array:
    """Widen to 64 bits, so that `nJet - 5` of an unsigned branch does not wrap and sums do not overflow."""
    kinds = {np.dtype(kind) for kind in _leaves(array)}
    if not kinds or any(kind.kind not in "biuf" for kind in kinds):
        raise SnakerootError(f"the branch {name!r} does not hold numbers, so it cannot stand in an expression")
    # lists of a fixed size (`float x[3]` in C) become lists as all others are, or x[x > 0] would flatten them
    array = ak.from_regular(array, axis=None)
    if kinds == {np.dtype(bool)}:
        return array
    return ak.values_astype(array, np.float64 if any(kind.kind == "f" for kind in kinds) else np.int64)


def _leaves(array: ak.Array) -> list[Any]:
    form = array.layout.form
    while hasattr(form, "content"):
        if form.parameter("__array__") in ("string", "bytestring"):
            return []
        form = form.content
    return [form.primitive] if hasattr(form, "primitive") else []


def _count(value: Value) -> Value:
    """A condition in arithmetic is 0 or 1; numpy would take + for 'or'."""
    return value * np.int64(1) if _is_boolean(value) else value


def _is_boolean(value: Value) -> bool:
    if isinstance(value, ak.Array):
        return [np.dtype(kind) for kind in _leaves(value)] == [np.dtype(bool)]
    return isinstance(value, bool | np.bool_)


def _walk(node: ast.expr, branches: Mapping[str, ak.Array], text: str) -> Value:
    match node:
        case ast.Constant(value=value):
            return np.asarray(value)[()]  # numpy's scalars overflow and divide by zero as arrays do, without raising
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))]):
            return branches[name]
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return (_walk(left, branches, text) * np.float64(1)) ** _walk(right, branches, text)
        case ast.BinOp(left=left, op=op, right=right):
            operands = _walk(left, branches, text), _walk(right, branches, text)
            if isinstance(op, ast.BitAnd | ast.BitOr):
                _want_conditions(text, *operands)
                return _BINARY[type(op)](*operands)
            return _BINARY[type(op)](*map(_count, operands))
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            value = _walk(operand, branches, text)
            _want_conditions(text, value)
            return np.logical_not(value)
        case ast.UnaryOp(op=op, operand=operand):
            value = _count(_walk(operand, branches, text))
            return -value if isinstance(op, ast.USub) else value
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [_walk(part, branches, text) for part in (left, *others)]
            steps = [_COMPARE[type(op)](*values[i : i + 2]) for i, op in enumerate(ops)]
            result = steps[0]
            for step in steps[1:]:
                result = result & step
            return result
        case ast.Subscript(value=value, slice=index):
            return _index(_walk(value, branches, text), index, branches, text)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            values = [_walk(argument, branches, text) for argument in arguments]
            lists = values if name in LISTS else values[:1] if name in REDUCTIONS else []
            if not all(isinstance(value, ak.Array) and value.ndim > 1 for value in lists):
                raise SnakerootError(f"in the expression {text!r}: {name}(…) needs a list per entry, not one value")
            return FUNCTIONS[name](*values)
        case _:
            raise AssertionError(f"{ast.dump(node)} passed the check of the language")


def _index(value: Value, index: ast.expr, branches: Mapping[str, ak.Array], text: str) -> Value:
    if not (isinstance(value, ak.Array) and value.ndim > 1):
        raise SnakerootError(f"in the expression {text!r}: […] needs a list per entry, not one value")
    if isinstance(index, ast.Slice):
        return value[:, : ast.literal_eval(index.upper)] if index.upper else value
    pick = is_pick(index)
    if pick is None:
        mask = _walk(index, branches, text)
        if isinstance(mask, ak.Array) and mask.ndim == 1 and _leaves(mask) == ["int64"]:
            there = (mask >= 0) & (mask < ak.num(value, axis=1))
            lists = ak.local_index(value, axis=1) == ak.mask(mask, there)
            return _filled(ak.firsts(value[ak.fill_none(lists, False, axis=-1)], axis=1))
        if not (isinstance(mask, ak.Array) and mask.ndim > 1 and _is_boolean(mask)):
            raise SnakerootError(
                f"in the expression {text!r}: […] takes a number, such as x[0], a whole number per entry, such as "
                "x[argmax(y)], or a condition for each of the list's objects, such as x[x > 30]"
            )
        return value[mask]
    enough = ak.num(value, axis=1) > (pick if pick >= 0 else -pick - 1)
    return _filled(ak.mask(value, enough)[:, pick])


def _want_conditions(text: str, *values: Value) -> None:
    if not all(_is_boolean(value) for value in values):
        raise SnakerootError(
            f"in the expression {text!r}: &, | and ~ combine conditions; put parentheses around each comparison"
        )
