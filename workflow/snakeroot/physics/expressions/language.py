"""Reading an expression: a whitelist over Python's own syntax tree, checked before any file is opened.

What is not listed here does not exist: no attributes, no keywords, no comprehensions, no names but branches and
definitions.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from snakeroot.errors import SnakerootError, hint, shown
from snakeroot.physics.expressions.advice import INSTEAD, NAMED, of_syntax
from snakeroot.physics.expressions.functions import FUNCTIONS

LONGEST = 4_000
"""Characters in one expression."""

DEEPEST = 100
"""Operations inside each other, as in `a + b + c` (2): far from what Python's own stack would hold."""

LARGEST_POWER = 16
"""The largest exponent: enough for physics, and no way to make a number that fills the memory."""

LARGEST_SHIFT = 63
"""The most bits that a number is shifted by."""

LARGEST_COMBINATION = 8
"""The most members of a combination."""

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.BitAnd, ast.BitOr, ast.LShift, ast.RShift),
    *(ast.UAdd, ast.USub, ast.Invert),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)

_Refuse = Callable[[str], SnakerootError]


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, its tree, and the names that it reads, sorted: branches and definitions."""

    text: str
    tree: ast.expr
    branches: tuple[str, ...]


def parse(text: str) -> Expression:
    """Check an expression and find the names that it reads.

    Raises:
        SnakerootError: for anything outside the language, with the part of the text that is at fault.
    """
    if len(text) > LONGEST:
        raise SnakerootError(
            f"the expression has {len(text)} characters, {LONGEST} at most: give parts of it names (definitions)"
        )
    try:
        tree = _tree(text.strip())
        if _depth(tree) > DEEPEST:
            raise RecursionError
        return Expression(text, tree, _names(tree, text.strip()))
    except SyntaxError as error:
        raise SnakerootError(f"not an expression: {text[:60]!r} ({of_syntax(text) or error.msg})") from error
    except ValueError as error:
        raise SnakerootError(f"not an expression: {text[:60]!r} has a sign in it that is none of a text") from error
    except (MemoryError, RecursionError) as error:
        raise SnakerootError(f"not an expression that can be read: {text[:60]!r} … is nested too deeply") from error


def _tree(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python would warn of, as '1if', is not in the language
        return ast.parse(text, mode="eval").body


def _names(tree: ast.expr, text: str) -> tuple[str, ...]:
    return tuple(sorted(set(_check(tree, text))))


def conjuncts(expression: Expression) -> list[Expression]:
    """Return the parts of `a & b & c`, in order: the steps of a cut flow."""

    def parts(tree: ast.expr) -> Iterator[ast.expr]:
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitAnd):
            yield from parts(tree.left)
            yield from parts(tree.right)
        else:
            yield tree

    text = expression.text.strip()
    return [Expression(_written(part, text), part, _names(part, text)) for part in parts(expression.tree)]


def _written(part: ast.expr, text: str) -> str:
    """Return a part as Python writes it; where that would leave out parentheses that we ask for, as it stands there."""
    bare = any(map(_is_bits, (side for one in ast.walk(part) if isinstance(one, ast.Compare) for side in _sides(one))))
    return " ".join(str(ast.get_source_segment(text, part)).split()) if bare else ast.unparse(part)


def is_pick(index: ast.expr) -> int | None:
    """Return i for the index of `x[i]`, a literal integer; None for a condition."""
    sign = 1
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
        sign, index = -1, index.operand
    if isinstance(index, ast.Constant) and type(index.value) is int:
        return sign * index.value
    return None


def is_all(index: ast.expr) -> bool:
    """Whether a part of an index is the `:` of `x[:, 0]`."""
    return isinstance(index, ast.Slice) and index.lower is index.upper is index.step is None


def _depth(tree: ast.expr) -> int:
    depth, level = -1, [tree]
    while level:
        depth, level = (
            depth + 1,
            [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)],
        )
    return depth


def _check(node: ast.AST, text: str) -> Iterator[str]:
    """Yield the names below `node`, refusing whatever is not in the language."""

    def refuse(why: str) -> SnakerootError:
        part = ast.get_source_segment(text, node) if isinstance(node, ast.expr) else None
        return SnakerootError(
            f"in the expression {text[:200]!r}{f', at {shown(part)}' if part and part != text else ''}: {why}"
        )

    match node:
        case ast.Name(id=name):
            if name.startswith("__"):
                raise refuse("names with two leading underscores are refused")
            yield name
        case ast.Constant(value=value):
            if not isinstance(value, int | float):
                raise refuse("only numbers, True and False can be written out")
            if not value < (2**64 if type(value) is int else math.inf):
                raise refuse("a number of more than 64 bits")
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            if isinstance(op, ast.Pow):
                _check_power(right, refuse)
            if isinstance(op, ast.LShift | ast.RShift):
                _check_count(right, range(LARGEST_SHIFT + 1), "the number of bits to shift by", refuse)
            yield from _check(left, text)
            yield from _check(right, text)
        case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _OPERATORS):
            yield from _check(operand, text)
        case ast.Compare(ops=ops) if all(isinstance(op, _OPERATORS) for op in ops):
            for part in _sides(node):
                if _is_bare(part, text):
                    raise refuse(
                        "put parentheses around each comparison, as in (a > 1) & (b < 2), and around bits that are "
                        "compared, as in (flags & 2) > 0"
                    )
                yield from _check(part, text)
        case ast.Subscript(value=value, slice=index):
            yield from _check(value, text)
            yield from _check_index(index, text, refuse)
        case ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))], keywords=[]):
            yield name
        case ast.Call(func=ast.Name(id="branch")):
            raise refuse("branch takes the branch's name in quotes, such as branch('the.name')")
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if (expected := FUNCTIONS.get(name)) is None:
                advice = NAMED.get(name) or hint(name, sorted([*FUNCTIONS, "branch"]), 50)
                raise refuse(f"no function {shown(name)}: {advice}")
            if len(arguments) != expected:
                raise refuse(f"{name} takes {expected} argument{'s' * (expected > 1)}, not {len(arguments)}")
            if name == "argcombinations":
                _check_count(arguments[1], range(2, LARGEST_COMBINATION + 1), "how many are combined", refuse)
            for argument in arguments:
                yield from _check(argument, text)
        case _:
            kind = getattr(node, "op", node)
            if isinstance(node, ast.Compare):
                kind = next(op for op in node.ops if not isinstance(op, _OPERATORS))
            raise refuse(INSTEAD.get(type(kind), f"{type(kind).__name__} is not in the language"))


def _check_index(index: ast.expr, text: str, refuse: _Refuse) -> Iterator[str]:
    """Yield the names in the index of a list: `:` for each list of lists, then a place, a slice or a condition."""
    *outer, inner = index.elts if isinstance(index, ast.Tuple) and index.elts else [index]
    if isinstance(inner, ast.Tuple) or is_all(inner) or not all(map(is_all, outer)):
        raise refuse(INSTEAD[ast.Slice])
    if isinstance(inner, ast.Slice):
        ends = [end for end in (inner.lower, inner.upper) if end is not None]
        if inner.step or any(is_pick(end) is None for end in ends):
            raise refuse(INSTEAD[ast.Slice])
    else:
        yield from _check(inner, text)


def _check_power(exponent: ast.expr, refuse: _Refuse) -> None:
    if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
        exponent = exponent.operand
    literal = isinstance(exponent, ast.Constant) and type(exponent.value) in (int, float)
    if not literal or not abs(exponent.value) <= LARGEST_POWER:  # type: ignore[attr-defined]
        raise refuse(f"an exponent must be a written-out number of at most {LARGEST_POWER}")


def _check_count(number: ast.expr, known: range, what: str, refuse: _Refuse) -> None:
    if is_pick(number) not in known:
        raise refuse(f"{what} must be a written-out whole number from {known[0]} to {known[-1]}")


def _sides(comparison: ast.Compare) -> list[ast.expr]:
    return [comparison.left, *comparison.comparators]


def _is_bits(part: ast.expr) -> bool:
    return isinstance(part, ast.BinOp) and isinstance(part.op, ast.BitAnd | ast.BitOr)


def _is_bare(part: ast.expr, text: str) -> bool:
    """Whether a side of a comparison is `a & b` without parentheses around it.

    Python then compares the bits, `a > (1 & b) < 2`, where almost all who write it mean to combine comparisons.
    """
    if not _is_bits(part):
        return False
    lines = [line.encode() for line in re.split(r"\r\n|\r|\n", text)]
    before = b"".join([*lines[: part.lineno - 1], lines[part.lineno - 1][: part.col_offset]])
    after = b"".join([lines[part.end_lineno - 1][part.end_col_offset :], *lines[part.end_lineno :]])  # type: ignore[operator]
    return not (before.rstrip().endswith(b"(") and after.lstrip().startswith(b")"))
