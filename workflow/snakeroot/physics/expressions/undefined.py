"""Where in an expression NaN or infinity comes from, and what to do about it: for messages."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable, Iterator

import numpy as np

from snakeroot.physics.expressions.evaluation import Entry, evaluated
from snakeroot.physics.expressions.language import Expression, is_pick
from snakeroot.physics.expressions.scope import Scope
from snakeroot.physics.expressions.values import Values

Evaluate = Callable[[ast.expr], Values]

OF_NONE = ("max", "mean", "min", "std")
"""Functions that have no value for an empty list."""


def remedy(expression: Expression, scope: Scope, entry: Entry) -> str | None:
    """Return what is not finite in the one row of `scope`, and what to do; None if the expression is finite there.

    It is the innermost part of the expression, or of a definition that it uses, that is not finite though all that it
    is computed from is.
    """

    def evaluate(node: ast.expr) -> Values:
        return evaluated(dataclasses.replace(expression, tree=node), scope, entry)

    node: ast.expr | None = expression.tree
    if _is_finite(evaluate(expression.tree)):
        return None
    while node is not None:
        if lacking := _lacking(node, evaluate):
            return lacking
        culprit = node
        node = next((part for part in _parts(node, evaluate, scope) if not _is_finite(evaluate(part))), None)
    return _told(culprit, evaluate, scope)


def _is_finite(value: Values) -> bool:
    return value.content.dtype.kind != "f" or bool(np.isfinite(value.content).all())


def _name(node: ast.expr) -> str | None:
    """The name of a branch; None of anything else."""
    match node:
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))]):
            return name
    return None


def _parts(node: ast.expr, evaluate: Evaluate, scope: Scope) -> Iterator[ast.expr]:
    """Yield what a part of an expression is computed from; of `where`, if one side is taken, that side."""
    if (name := _name(node)) in scope.definitions:
        yield scope.definitions[str(name)].tree
    match node:
        case ast.Call(func=ast.Name(id="where"), args=[condition, first, second]):
            taken = np.atleast_1d(evaluate(condition).content)
            yield from ([first] if taken.any() else []) + ([] if taken.all() else [second])
        case ast.Call(args=arguments) if _name(node) is None:
            yield from arguments
        case ast.BinOp(left=left, right=right):
            yield from (left, right)
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Subscript(value=of):
            yield of


def _lacking(node: ast.expr, evaluate: Evaluate) -> str | None:
    """Return what to do if a list has no such element in this row."""
    index: ast.expr | None
    match node:
        case ast.Subscript(value=of, slice=index) if not isinstance(index, ast.Slice | ast.Tuple):
            pick = is_pick(index)
            place = None if pick is None else pick if pick >= 0 else -1 - pick
        case ast.Call(func=ast.Name(id=name), args=[of]) if name in OF_NONE:
            index, place = None, 0
        case _:
            return None
    value = evaluate(of)
    if value.depth != 2:
        return None
    there, written = int(value.counts[0]), ast.unparse(of)
    if place is None and index is not None and not (wanted := evaluate(index)).is_condition:
        lacking = wanted.content[~((wanted.content >= 0) & (wanted.content < there))]
        if there and len(lacking):
            asked, several = f"{lacking[0]:g}", wanted.depth > 1
            advice = f"leave those without one out, as in {written}[i[i >= 0]]" if several else "mend the expression"
            return (
                f"{ast.unparse(node)!r} takes the element {asked} of a list of {there} there: select such entries "
                f"away, or {advice}"
            )
        place = 0 if len(lacking) else None
    if place is None or there > place:
        return None
    return (
        f"its list {_name(of) or written!r} {f'has {there}' if there else 'is empty'} there; add (count({written}) > "
        f"{place}) to the selection, or give such entries a number: where(count({written}) > {place}, …, 0)"
    )


def _told(node: ast.expr, evaluate: Evaluate, scope: Scope) -> str:
    what = "NaN" if np.isnan(evaluate(node).content).any() else "infinite"
    if name := _name(node):
        kind = "definition" if name in scope.computed else "branch"
        return f"the {kind} {name!r} is {what} there: select such entries away"
    known = [(part, evaluate(part)) for part in _parts(node, evaluate, scope) if not isinstance(part, ast.Constant)]
    of = [f"{ast.unparse(part)[:60]} = {value.content.flat[0]:g}" for part, value in known if value.depth < 2]
    said = f", of {' and '.join(of)}" if of else ""
    return f"{ast.unparse(node)[:60]!r} is {what} there{said}: select such entries away, or mend the expression"
