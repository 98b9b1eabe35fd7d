"""Reading an expression: a whitelist over Python's own syntax tree, checked before any file is opened.

What is not listed here does not exist: no attributes, no keywords, no comprehensions, no names but branches.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from snakeroot.errors import SnakerootError, hint

LONGEST = 4_000
"""Characters in one expression."""

DEEPEST = 100
"""Operations inside each other, as in `a + b + c` (2): far from what Python's own stack would hold."""

LARGEST_POWER = 16
"""The largest exponent: enough for physics, and no way to make a number that fills the memory."""

ELEMENTWISE = {
    "abs": 1,
    "arccos": 1,
    "arcsin": 1,
    "arcsinh": 1,
    "arctan": 1,
    "arctan2": 2,
    "cos": 1,
    "cosh": 1,
    "delta_phi": 2,
    "delta_r": 4,
    "exp": 1,
    "hypot": 2,
    "isfinite": 1,
    "log": 1,
    "log10": 1,
    "maximum": 2,
    "minimum": 2,
    "pair_mass": 8,
    "pair_mass_e": 8,
    "sin": 1,
    "sinh": 1,
    "sqrt": 1,
    "tan": 1,
    "tanh": 1,
    "where": 3,
}
"""Functions of numbers, with their number of arguments."""

REDUCTIONS = {
    "all": 1,
    "any": 1,
    "argmax": 1,
    "argmin": 1,
    "count": 1,
    "mass": 4,
    "mass_e": 4,
    "max": 1,
    "mean": 1,
    "min": 1,
    "prod": 1,
    "std": 1,
    "sum": 1,
    "system_eta": 4,
    "system_phi": 4,
    "system_pt": 4,
}
"""Functions that turn the innermost lists into one value each: `sum(Jet_pt)` is a number per event."""

LISTS = {"sorted": 2}
"""Functions that turn lists into lists of the same lengths."""

FUNCTIONS = ELEMENTWISE | REDUCTIONS | LISTS
"""All functions, with their number of arguments."""

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.BitAnd, ast.BitOr),
    *(ast.UAdd, ast.USub, ast.Invert),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)

_INSTEAD = {
    ast.And: "use & (with parentheses around each comparison) instead of 'and'",
    ast.Or: "use | (with parentheses around each comparison) instead of 'or'",
    ast.Call: "a function is called by its name, with plain arguments",
    ast.Not: "use ~ instead of 'not'",
    ast.IfExp: "use where(condition, a, b) instead of 'if … else'",
    ast.Attribute: "attributes are not in the language; for a branch whose name has a dot write branch('the.name')",
    ast.BitXor: "use ** for a power",
    ast.Slice: "take the first ones, x[:2], one element, x[0], or those that pass a condition, x[x > 30]",
}


_ELSEWHERE = {
    "&&": "write & for &&, with parentheses around each comparison",
    "||": "write | for ||, with parentheses around each comparison",
    "!": "write ~ for !",
    "::": "functions have no namespace here: abs, sqrt, log …",
}
"""What C++ writes otherwise."""

_NAMED = {"pow": "write a ** 2", "len": "write count(x)", "round": "there is nothing that rounds"}
"""What Python calls otherwise, or has alone."""


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, its tree, and the branches that it reads, sorted."""

    text: str
    tree: ast.expr
    branches: tuple[str, ...]


def parse(text: str) -> Expression:
    """Check an expression and find its branches.

    Raises:
        SnakerootError: for anything outside the language, with the part of the text that is at fault.
    """
    if len(text) > LONGEST:
        raise SnakerootError(f"the expression has {len(text)} characters, {LONGEST} at most: split it into features")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        if _depth(tree) > DEEPEST:
            raise RecursionError
        branches = sorted(set(_check(tree, text.strip())))
    except SyntaxError as error:
        other = next((advice for sign, advice in _ELSEWHERE.items() if sign in text), _of_a_word(text) or error.msg)
        raise SnakerootError(f"not an expression: {text[:60]!r} ({other})") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise SnakerootError(f"not an expression that can be read: {text[:60]!r} … is nested too deeply") from error
    return Expression(text, tree, tuple(branches))


def _of_a_word(text: str) -> str | None:
    """Return what to write for a name that Python reads as something else, if there is one."""
    words = re.findall(r"(?<![\w.])\w+", text)
    operators = {"and": ast.And, "or": ast.Or, "not": ast.Not, "if": ast.IfExp, "else": ast.IfExp}
    for word in words:
        if word in operators:
            return _INSTEAD[operators[word]]
        if keyword.iskeyword(word) and word not in ("True", "False"):
            return f"{word!r} is a word of the language itself; a branch of this name is branch('{word}')"
        if re.match(r"\d+[A-Za-z_]", word) and not re.fullmatch(r"\d+(e\d+)?|0[xob]\w+", word, re.IGNORECASE):
            return f"{word!r} is no name, as it begins with a digit; a branch of this name is branch('{word}')"
    return None


def conjuncts(expression: Expression) -> list[Expression]:
    """Return the parts of `a & b & c`, in order: the steps of a cut flow."""

    def parts(tree: ast.expr) -> Iterator[ast.expr]:
        if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.BitAnd):
            yield from parts(tree.left)
            yield from parts(tree.right)
        else:
            yield tree

    return [parse(ast.unparse(part)) for part in parts(expression.tree)]


def is_pick(index: ast.expr) -> int | None:
    """Return i for the index of `x[i]`, a literal integer; None for a condition."""
    sign = 1
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
        sign, index = -1, index.operand
    if isinstance(index, ast.Constant) and type(index.value) is int:
        return sign * index.value
    return None


def _depth(tree: ast.expr) -> int:
    depth, level = -1, [tree]
    while level:
        depth, level = (
            depth + 1,
            [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)],
        )
    return depth


def _check(node: ast.AST, text: str) -> Iterator[str]:
    """Yield the branches below `node`, refusing whatever is not in the language."""

    def refuse(why: str) -> SnakerootError:
        part = ast.get_source_segment(text, node) if isinstance(node, ast.expr) else None
        return SnakerootError(
            f"in the expression {text[:200]!r}{f', at {part!r}' if part and part != text else ''}: {why}"
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
            yield from _check(left, text)
            yield from _check(right, text)
        case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _OPERATORS):
            yield from _check(operand, text)
        case ast.Compare(left=left, ops=ops, comparators=others) if all(isinstance(op, _OPERATORS) for op in ops):
            for part in (left, *others):
                yield from _check(part, text)
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=ast.Constant(value=int(most)), step=None)):
            if isinstance(most, bool):
                raise refuse(_INSTEAD[ast.Slice])
            yield from _check(value, text)
        case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice | ast.Tuple):
            yield from _check(value, text)
            yield from _check(index, text)
        case ast.Subscript():
            raise refuse(_INSTEAD[ast.Slice])
        case ast.Call(func=ast.Name(id="branch"), args=[ast.Constant(value=str(name))], keywords=[]):
            yield name
        case ast.Call(func=ast.Name(id="branch")):
            raise refuse("branch takes the branch's name in quotes, such as branch('the.name')")
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if (expected := FUNCTIONS.get(name)) is None:
                advice = _NAMED.get(name) or hint(name, sorted([*FUNCTIONS, "branch"]), 50)
                raise refuse(f"no function {name!r}: {advice}")
            if len(arguments) != expected:
                raise refuse(f"{name} takes {expected} argument{'s' * (expected > 1)}, not {len(arguments)}")
            for argument in arguments:
                yield from _check(argument, text)
        case _:
            kind = getattr(node, "op", node)
            if isinstance(node, ast.Compare):
                kind = next(op for op in node.ops if not isinstance(op, _OPERATORS))
            raise refuse(_INSTEAD.get(type(kind), f"{type(kind).__name__} is not in the language"))


def _check_power(exponent: ast.expr, refuse: object) -> None:
    if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.op, ast.USub):
        exponent = exponent.operand
    literal = isinstance(exponent, ast.Constant) and type(exponent.value) in (int, float)
    if not literal or not abs(exponent.value) <= LARGEST_POWER:  # type: ignore[attr-defined]
        raise refuse(f"an exponent must be a written-out number of at most {LARGEST_POWER}")  # type: ignore[operator]
