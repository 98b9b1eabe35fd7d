"""What to write instead of what is not in the language."""

from __future__ import annotations

import ast
import keyword
import re

INSTEAD: dict[type[ast.AST], str] = {
    ast.And: "use & (with parentheses around each comparison) instead of 'and'",
    ast.Or: "use | (with parentheses around each comparison) instead of 'or'",
    ast.Call: "a function is called by its name, with plain arguments",
    ast.Not: "use ~ instead of 'not'",
    ast.In: "use isin(x, list) instead of 'in'",
    ast.NotIn: "use ~isin(x, list) instead of 'not in'",
    ast.IfExp: "use where(condition, a, b) instead of 'if … else'",
    ast.Attribute: "attributes are not in the language; for a branch whose name has a dot write branch('the.name')",
    ast.BitXor: "use ** for a power",
    ast.Slice: "take the first ones, x[:2], or others between two written-out places, x[1:] or x[1:3]; one element, "
    "x[0], or that of each list in a list, x[:, 0]; or those that pass a condition, x[x > 30]",
}

_ELSEWHERE = {
    "&&": "write & for &&, with parentheses around each comparison",
    "||": "write | for ||, with parentheses around each comparison",
    "!": "write ~ for !",
    "::": "functions have no namespace here: abs, sqrt, log …",
}
"""What C++ writes otherwise."""

_COMBINED = "write argcombinations(x, 2): the places of all pairs, which x[…] takes"
_CROSSED = "write argcross(x, y): for each of x the places of all of y, which y[…] takes"
_JOINED = "write concatenate(x, y)"

NAMED = {
    **dict.fromkeys(("combinations", "Combinations", "pairs"), _COMBINED),
    **dict.fromkeys(("cartesian", "argcartesian", "cross", "product"), _CROSSED),
    **dict.fromkeys(("concat", "Concatenate", "join"), _JOINED),
    "len": "write count(x)",
    "local_index": "write places(x)",
    "pow": "write a ** 2",
    "round": "there is nothing that rounds",
    "Take": "write x[places]",
}
"""What Python, awkward arrays and ROOT's RDataFrame call otherwise, or have alone."""


def of_syntax(text: str) -> str | None:
    """Return what to write in place of what Python cannot read, if it is known."""
    return next((advice for sign, advice in _ELSEWHERE.items() if sign in text), _of_a_word(text))


def _of_a_word(text: str) -> str | None:
    """Return what to write for a name that Python reads as something else, if there is one."""
    words = re.findall(r"(?<![\w.])\w+", text)
    operators = {"and": ast.And, "or": ast.Or, "not": ast.Not, "if": ast.IfExp, "else": ast.IfExp}
    for word in words:
        if word in operators:
            return INSTEAD[operators[word]]
        if keyword.iskeyword(word) and word not in ("True", "False"):
            return f"{word!r} is a word of the language itself; a branch of this name is branch('{word}')"
        if re.match(r"\d+[A-Za-z_]", word) and not re.fullmatch(r"\d+(e\d+)?|0[xob]\w+", word, re.IGNORECASE):
            return f"{word!r} is no name, as it begins with a digit; a branch of this name is branch('{word}')"
    return None
