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
from snakeroot.features.rows import Rows
from snakeroot.physics.expressions import definitions
from snakeroot.physics.expressions.branches import Branch, check_simple, is_text
from snakeroot.physics.expressions.evaluation import exact
from snakeroot.physics.expressions.language import Expression
from snakeroot.physics.expressions.scope import Scope

NUMBERS = "iuf"
"""Kinds of numpy's types that are numbers."""

Sentinels = tuple[float | str, ...]


@dataclass
class Missing:
    """The rows of a chunk, of whose branches each is looked through once.

    Attributes:
        branches: branches by name and sentinels: with NaN in their place, and which rows have any.
        scopes: what names mean then, by sentinels and the branches that stay as they are.
    """

    rows: Rows
    branches: dict[tuple[str, Sentinels], tuple[Branch, NDArray[np.bool_]]] = field(default_factory=dict)
    scopes: dict[tuple[Sentinels, frozenset[str]], Scope] = field(default_factory=dict)

    def branch(self, name: str, values: Sequence[float | str]) -> tuple[Branch, NDArray[np.bool_]]:
        """Return a branch with NaN in place of the values, and which rows have any of them."""
        key, sought = (name, tuple(values)), [float(value) for value in values if value != NAN]
        if key not in self.branches:
            raw = self.rows.chunk[name]
            self.branches[key] = _without(name, raw, sought) if sought else (raw, np.zeros(len(raw), np.bool_))
        return self.branches[key]

    def scope(
        self, expressions: Sequence[Expression], values: Sequence[float | str]
    ) -> tuple[Scope, NDArray[np.bool_]]:
        """Return what names mean with NaN in place of the values, and which rows have any in the expressions' branches.

        Definitions are computed anew, of branches with NaN. A branch that is a place in a list stays as it is: there is
        no place -999, so the element is NaN.
        """
        known, of_objects = self.rows.definitions, self.rows.scope.computed if self.rows.object is not None else {}
        names = {name for one in expressions for name in one.branches} - of_objects.keys()
        every = [*expressions, *(known[name] for name in definitions.needed(names, known))]
        places = frozenset(_places(every))
        key = tuple(values), places
        if key not in self.scopes:
            chunk = _Replaced(self, tuple(values), places)
            self.scopes[key] = Scope(chunk, known, self.rows.entry, of_objects)
        hits = [self.branch(name, values)[1] for name in sorted(definitions.branches(names, known))]
        return self.scopes[key], np.logical_or.reduce([np.zeros(len(self.rows), np.bool_), *hits])

    def number(
        self, expression: Expression, sentinels: Sequence[float | str]
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Return a number of each row, and where it is missing, (n,) each."""
        entry = self.rows.entry
        if not sentinels:
            return exact(expression, self.rows.scope, entry), np.zeros(len(entry), np.bool_)
        scope, of_branches = self.scope([expression], sentinels)
        return marked(exact(expression, scope, entry), sentinels, of_branches)

    def objects(
        self, name: str, expressions: Mapping[str, Expression], sentinels: Sequence[float | str]
    ) -> tuple[Objects, NDArray[np.bool_]]:
        """Return the objects of a block, and which of them are missing: those of which the first expression is."""
        role, first = next(iter(expressions.items()))
        if not sentinels:
            objects = Objects.of(name, expressions, self.rows.scope, self.rows.entry)
            return objects, np.zeros(len(objects.row), np.bool_)
        scope, _ = self.scope(list(expressions.values()), sentinels)
        _, of_branches = self.scope([first], sentinels)
        objects = Objects.of(name, expressions, scope, self.rows.entry)
        return objects, marked(objects[role], sentinels, of_branches[objects.row])[1]


@dataclass(frozen=True)
class _Replaced(Mapping[str, Any]):
    """Branches with NaN in place of sentinels, but for some; made when asked for."""

    of: Missing
    sentinels: Sentinels
    places: frozenset[str]

    def __getitem__(self, name: str) -> Branch:
        return self.of.rows.chunk[name] if name in self.places else self.of.branch(name, self.sentinels)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.of.rows.chunk)

    def __len__(self) -> int:
        return len(self.of.rows.chunk)


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
    converted = np.array(values, np.float64)
    missing = np.isnan(converted) & (True if NAN in sentinels else of_branches)
    missing |= np.isin(converted, [value for value in sentinels if value != NAN])
    converted[missing] = np.nan
    return converted, missing


def _without(name: str, array: Branch, sentinels: Sequence[float]) -> tuple[Branch, NDArray[np.bool_]]:
    """Return a branch as floating-point numbers with NaN in place of the sentinels, and which rows have one.

    A sentinel is compared in the type of the branch: -999.9 of a float32 is the float32 that is nearest to it.
    """
    if isinstance(array, np.ndarray):
        hit = _are(array, sentinels)
        return (np.where(hit, np.nan, array.astype(np.float64)) if array.dtype.kind in NUMBERS else array), hit
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
