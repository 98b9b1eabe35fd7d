"""Expressions of the pixels of an image that is in the file, one by one."""

from __future__ import annotations

import ast
from typing import Annotated

from pydantic import AfterValidator

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.functions import ELEMENTWISE
from snakeroot.physics.expressions.language import parse

PIXEL = "data"
"""What an expression calls the value of a pixel."""


def _checked(text: str) -> str:
    try:
        expression = parse(text)
    except SnakerootError as error:
        raise ValueError(str(error)) from error
    if others := [name for name in expression.branches if name != PIXEL]:
        raise ValueError(f"the value of a pixel is called {PIXEL!r}, and nothing else is known here: not {others[0]!r}")
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.Subscript | ast.Compare):
            raise ValueError(f"{ast.unparse(node)!r}: {PIXEL!r} is one number, and so is what becomes of it")
        if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) not in {*ELEMENTWISE, "branch"}:
            raise ValueError(f"{called} is of a list, and {PIXEL!r} is one number; 'normalise' is of all pixels")
    return text


PixelExpression = Annotated[str, AfterValidator(_checked)]
