"""What is missing in the rows of a chunk: values that stand for "there is none" are NaN from the branch on."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.features.missing_settings import NAN
from snakeroot.features.objects import Objects
from snakeroot.features.rows import Chunk, Rows
from snakeroot.physics.expressions.branches import check_simple, is_text
from snakeroot.physics.expressions.evaluation import exact
from snakeroot.physics.expressions.language import Expression

NUMBERS = "iuf"
"""Kinds of numpy's types that are numbers."""

Sentinels = tuple[float | str, ...]


@dataclass
class Missing:
    """The rows of a chunk, of whose branches each is looked through once.

    Attributes:
        found: branches by name and sentinels: with NaN in their place, and which rows have any.
    """

    rows: Rows
    found: dict[tuple[str, Sentinels], tuple[ak.Array, NDArray[np.bool_]]] = field(default_factory=dict)

    def branch(self, name: str, values: Sequence[float | str]) -> tuple[ak.Array, NDArray[np.bool_]]:
        """Return a branch with NaN in place of the values, and which rows have any of them."""
        key, sought = (name, tuple(values)), [float(value) for value in values if value != NAN]
        if key not in self.found:
            raw = self.rows.chunk[name]
            self.found[key] = _without(name, raw, sought) if sought else (raw, np.zeros(len(raw), np.bool_))
        return self.found[key]

    def branches(
        self, expressions: Sequence[Expression], values: Sequence[float | str]
    ) -> tuple[Chunk, NDArray[np.bool_]]:
        """Return those of expressions with NaN in place of the values, and which rows have any of them.

        A branch that is a place in a list stays as it is: there is no place -999, so the element is NaN.
        """
        names = dict.fromkeys(name for one in expressions for name in one.branches)
        found, places = {name: self.branch(name, values) for name in names}, _places(expressions)
        chunk = {name: self.rows.chunk[name] if name in places else array for name, (array, _) in found.items()}
        hits = [rows for _, rows in found.values()]
        return chunk, np.logical_or.reduce([np.zeros(len(self.rows), np.bool_), *hits])

    def number(
        self, expression: Expression, sentinels: Sequence[float | str]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return a number of each row, and where it is missing, (n,) each."""
        entry = self.rows.entry
        if not sentinels:
            return exact(expression, self.rows.chunk, entry), np.zeros(len(entry), np.bool_)
        chunk, of_branches = self.branches([expression], sentinels)
        return marked(exact(expression, chunk, entry), sentinels, of_branches)

    def objects(
        self, name: str, expressions: Mapping[str, Expression], sentinels: Sequence[float | str]
    ) -> tuple[Objects, NDArray[np.bool_]]:
        """Return the objects of a block, and which of them are missing: those of which the first expression is."""
        role, first = next(iter(expressions.items()))
        chunk, of_branches = self.rows.chunk, np.zeros(len(self.rows), np.bool_)
        if sentinels:
            chunk, _ = self.branches(list(expressions.values()), sentinels)
            _, of_branches = self.branches([first], sentinels)
        found = Objects.of(name, expressions, chunk, self.rows.entry)
        return found, marked(found[role], sentinels, of_branches[found.row])[1]


def _places(expressions: Sequence[Expression]) -> set[str]:
    """The branches that stand as places in lists, `x[place]`, alone or in sums, and nowhere else."""
    nodes = [node for one in expressions for node in ast.walk(one.tree)]
    known = {name for one in expressions for name in one.branches}
    every, indices = (
        Counter(name for node in some if (name := _name(node)) in known)
        for some in (nodes, [index for node in nodes for index in _indices(node)])
    )
    return {str(name) for name, count in indices.items() if count == every[name]}


def _indices(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an index `x[place]` that are branches, alone or in sums."""
    if isinstance(node, ast.Subscript):
        waiting: list[ast.AST] = [node.slice]
        while waiting:
            match part := waiting.pop():
                case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult()):
                    waiting += [part.left, part.right]
                case ast.Name() | ast.Call(func=ast.Name(id="branch")):
                    yield part


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))]):
            return name
    return None


def marked(
    values: NDArray[Any], sentinels: Sequence[float | str], of_branches: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of an input (n,) with one and the same NaN where it is missing, and where that is.

    It is missing where it is one of the sentinels itself, and where it is NaN for one in its branches.

    Args:
        of_branches: rows in which a branch of it has a sentinel.
    """
    found = np.array(values, np.float64)
    missing = np.isnan(found) & (True if NAN in sentinels else of_branches)
    missing |= np.isin(found, [value for value in sentinels if value != NAN])
    found[missing] = np.nan
    return found, missing


def _without(name: str, array: ak.Array, sentinels: Sequence[float]) -> tuple[ak.Array, NDArray[np.bool_]]:
    """Return a branch as floating-point numbers with NaN in place of the sentinels, and which rows have one.

    A sentinel is compared in the type of the branch: -999.9 of a float32 is the float32 that is nearest to it.
    """
    check_simple(name, array.layout)
    if is_text(array.layout):
        return array, np.zeros(len(array), np.bool_)

    def replaced(layout: Any, **_: Any) -> Any:
        if is_text(layout):
            return layout
        if not layout.is_numpy or (plain := np.asarray(layout.data)).dtype.kind not in NUMBERS:
            return None
        return ak.contents.NumpyArray(np.where(_are(plain, sentinels), np.nan, plain.astype(np.float64)))

    def places(layout: Any, **_: Any) -> Any:
        if is_text(layout):
            return ak.contents.NumpyArray(np.zeros(layout.length, np.bool_))
        return ak.contents.NumpyArray(_are(np.asarray(layout.data), sentinels)) if layout.is_numpy else None

    hit = ak.transform(places, array)
    while hit.ndim > 1:
        hit = ak.any(hit, axis=-1)
    return ak.transform(replaced, array), np.asarray(ak.to_numpy(ak.fill_none(hit, False)), np.bool_)


def _are(plain: NDArray[Any], sentinels: Sequence[float]) -> NDArray[np.bool_]:
    if plain.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.isin(plain, np.array(sentinels, plain.dtype))
    whole = [int(value) for value in sentinels if value.is_integer()]
    if plain.dtype.kind not in "iu":
        return np.zeros(plain.shape, np.bool_)
    ends = np.iinfo(plain.dtype)
    return np.isin(plain, np.array([value for value in whole if ends.min <= value <= ends.max], plain.dtype))
