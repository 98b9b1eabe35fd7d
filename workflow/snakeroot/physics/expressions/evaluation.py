"""Computing an expression on the branches of a chunk, one entry per element along the first axis."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError, shown
from snakeroot.physics.expressions import functions
from snakeroot.physics.expressions.branches import Branch, of_branch
from snakeroot.physics.expressions.combinations import COMBINATIONS, FractionError, TooManyError
from snakeroot.physics.expressions.doubles import doubles
from snakeroot.physics.expressions.elementwise import COMPARISONS, ELEMENTWISE, OPERATORS, UnsuitedError, counted
from snakeroot.physics.expressions.indexing import indexed
from snakeroot.physics.expressions.language import Expression
from snakeroot.physics.expressions.reductions import LISTS, REDUCTIONS
from snakeroot.physics.expressions.values import MismatchError, Values, row_of
from snakeroot.physics.expressions.whole import TooLargeError

Branches = Mapping[str, Branch | Values]
"""What names mean: branches, and what is computed of them."""

Entry = NDArray[np.int64]
"""The number of each row's entry in its file, for messages, shape (rows,)."""

FUNCTIONS = ELEMENTWISE | REDUCTIONS | LISTS | COMBINATIONS


class TogetherTooManyError(SnakerootError):
    """All entries together have more combinations than may be in memory, and fewer entries at once will do."""


def numbers(expression: Expression, branches: Branches, entry: Entry) -> NDArray[np.float64]:
    """Return one float64 per row, NaN where the expression has no value (`x[1]` of a list of one).

    Args, raises: as `exact`.
    """
    return doubles(exact(expression, branches, entry))


def exact(expression: Expression, branches: Branches, entry: Entry) -> NDArray[Any]:
    """Return one number per row: whole ones of 64 bits as they are, all others as float64.

    Args:
        branches: the arrays of `expression.branches`, a row per element.
        entry: number of each row's entry.

    Raises:
        SnakerootError: if the result is a list per entry, the lists that it combines differ in length, or a whole
            number is beyond 64 bits.
    """
    value = counted(evaluated(expression, branches, entry))
    if value.depth > 1:
        raise SnakerootError(
            f"the expression {shown(expression.text, 200)} gives a list of values per entry where one number is "
            f"expected: reduce it ({', '.join(functions.REDUCTIONS)}) or take one element, such as x[0]"
        )
    return np.broadcast_to(value.content, entry.shape)


def values(expression: Expression, branches: Branches, entry: Entry) -> Values:
    """Return one list of numbers per row, or one number, as `exact` does.

    Raises:
        SnakerootError: if the result is a list of lists per entry; and as `exact`.
    """
    value = counted(evaluated(expression, branches, entry))
    if value.depth > 2:
        raise SnakerootError(
            f"the expression {shown(expression.text, 200)} gives a list of lists per entry where a list is expected: "
            f"reduce it ({', '.join(functions.REDUCTIONS)}) or take one list, such as x[0]"
        )
    return value if value.depth else Values(np.broadcast_to(value.content, entry.shape))


def conditions(expression: Expression, branches: Branches, entry: Entry) -> NDArray[np.bool_]:
    """Return one boolean per row; a comparison with an element that is not there is one with NaN.

    Raises:
        SnakerootError: if the result is not a condition, or is one per object instead of per entry.
    """
    value = evaluated(expression, branches, entry)
    if not value.is_condition:
        raise SnakerootError(
            f"the selection {shown(expression.text, 200)} is not a condition: compare it with something"
        )
    if value.depth > 1:
        raise SnakerootError(
            f"the selection {shown(expression.text, 200)} gives a list of conditions per entry: say any(…) or all(…)"
        )
    return np.broadcast_to(value.content, entry.shape)


def evaluated(expression: Expression, branches: Branches, entry: Entry) -> Values:
    """Return what an expression is, be it numbers or conditions, one per row or in lists."""
    with np.errstate(all="ignore"):  # what is not finite is counted by the caller, not warned about
        return _Evaluation(expression.text, branches, entry).value(expression.tree)


@dataclass(frozen=True)
class _Evaluation:
    """One expression on its branches; errors name the expression, its part and the entry."""

    text: str
    branches: Branches
    entry: Entry
    known: dict[str, Values] = field(default_factory=dict)

    def value(self, node: ast.expr) -> Values:
        """Compute a part of the expression."""
        match node:
            case ast.Constant(value=value):
                kind = np.uint64 if type(value) is int and value >= 2**63 else None
                return Values(np.asarray(value, kind))
            case ast.Name(id=name) | ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))]):
                if name not in self.known:
                    branch = self.branches[name]
                    self.known[name] = branch if isinstance(branch, Values) else of_branch(name, branch)
                return self.known[name]
            case ast.BinOp(left=left, op=op, right=right):
                return self._computed(OPERATORS[type(op).__name__], [left, right])
            case ast.UnaryOp(op=op, operand=operand):
                return self._computed(OPERATORS[type(op).__name__], [operand])
            case ast.Compare(left=left, ops=ops, comparators=others):
                steps = zip((left, *others[:-1]), ops, others, strict=True)
                results = [self._computed(COMPARISONS[type(op).__name__], [one, other]) for one, op, other in steps]
                with self._told([left, *others]):
                    return functools.reduce(OPERATORS["BitAnd"], results)
            case ast.Subscript(value=of, slice=index):
                lists = self.value(of)
                with self._told([of, *([] if isinstance(index, ast.Slice) else [index])]):
                    return indexed(lists, index, self.value)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._computed(FUNCTIONS[name], arguments)
            case _:
                raise AssertionError(f"{ast.dump(node)} passed the check of the language")

    def _computed(self, compute: Callable[..., Values], nodes: list[ast.expr]) -> Values:
        operands = [self.value(node) for node in nodes]
        with self._told(nodes):
            try:
                return compute(*operands)
            except TooLargeError as error:
                lists = max(operands, key=lambda one: one.depth)
                row = row_of(lists.offsets, error.place) if lists.depth else 0
                raise self._error(
                    f"a whole number in {_joined(nodes)} is beyond 64 bits, first in entry {self._entry(row)}: write "
                    "1.0 * for floating-point numbers"
                ) from error

    @contextmanager
    def _told(self, nodes: list[ast.expr]) -> Iterator[None]:
        try:
            yield
        except MismatchError as error:
            raise self._error(
                f"{_joined(nodes)} have lists of {error.first} and {error.second} elements in entry "
                f"{self._entry(error.row)}: only lists of the same length combine, as those of one collection"
            ) from error
        except FractionError as error:
            raise self._error(
                f"{_joined(nodes[-1:])} has {error.number:g} in entry {self._entry(error.row)}, which is no place in a "
                "list: places are whole numbers, from 0"
            ) from error
        except TooManyError as error:
            row = 0 if error.row is None else error.row
            of = f"{_joined(nodes)} would have {error.count:,} {error.what} in entry {self._entry(row)}"
            if error.row is None and len(self.entry) and self.entry[0] != self.entry[-1]:
                raise TogetherTooManyError(f"{of} and others: {error.most:,} at most, lower 'chunk'") from error
            raise self._error(f"{of}, {error.most:,} at most: choose fewer objects first, as in x[x > 30]") from error
        except UnsuitedError as error:
            raise self._error(str(error)) from error

    def _entry(self, row: int) -> int:
        return int(self.entry[row]) if len(self.entry) else 0

    def _error(self, what: str) -> SnakerootError:
        return SnakerootError(f"in the expression {self.text[:200]!r}: {what}")


def _joined(nodes: list[ast.expr]) -> str:
    return " and ".join(repr(ast.unparse(node)[:60]) for node in nodes)
