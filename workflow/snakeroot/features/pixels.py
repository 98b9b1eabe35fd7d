"""Expressions of the pixels of an image that is in the file, one by one."""

from __future__ import annotations

import ast
from typing import Annotated

import awkward as ak
import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.evaluation import numbers
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


def transformed(text: str, values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the expression of each pixel, in the same shape; NaN and infinity are left to the caller."""
    pixels = {PIXEL: ak.Array(np.ascontiguousarray(values).reshape(-1))}
    return numbers(parse(text), pixels, np.zeros(values.size, np.int64)).reshape(values.shape)
