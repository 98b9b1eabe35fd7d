"""Text in figures, as far as it can be checked without what draws it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

LONGEST_LABEL = 250
DEEPEST_LABEL = 10
"""Braces and brackets within each other in the math of a label: far from what the typesetting can take."""


def _label(label: str) -> str:
    if len(label) > LONGEST_LABEL:
        raise ValueError(f"a label of {len(label)} characters: {LONGEST_LABEL} at most")
    if unprintable := re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", label):
        raise ValueError(f"a label is text, and {unprintable[0]!a} is no sign that can be drawn")
    if label.startswith("_"):
        raise ValueError("a label that begins with '_' would be left out of legends: write it otherwise")
    depth, deepest = {"{": 0, "[": 0}, 0
    for sign in label:
        if (opening := {"}": "{", "]": "["}.get(sign, sign)) in depth:
            depth[opening] = max(0, depth[opening] + (1 if sign == opening else -1))
            deepest = max(deepest, sum(depth.values()))
    if deepest > DEEPEST_LABEL:
        raise ValueError(f"braces and brackets {deepest} deep within each other: {DEEPEST_LABEL} at most")
    return label


Label = Annotated[str, AfterValidator(_label)]
"""Text in a figure, math between $ signs."""
