"""Branches as values of an expression: numbers and conditions in lists, and nothing else."""

from __future__ import annotations

from typing import Any, TypeAlias

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError, shown
from snakeroot.physics.expressions.doubles import doubles
from snakeroot.physics.expressions.values import Content, Offsets, Values

Branch: TypeAlias = ak.Array | NDArray[Any]
"""What a reader returns: of numpy if there is one number or condition for each entry and none is missing."""

TEXT = ("string", "bytestring")
"""What awkward calls text."""

NOTE = "note"
"""Attribute of an array that is text: what makes it so, and where that is in the file, if that is known."""


def of_branch(name: str, array: Branch) -> Values:
    """Return a branch as values. Whole numbers are widened to 64 bits, so `nJet - 5` of an unsigned one does not wrap.

    Raises:
        SnakerootError: if it does not hold numbers.
    """
    if isinstance(array, np.ndarray):
        return Values(_wide(name, array))
    # lists of a fixed size (`float x[3]` in C) are lists as all others are
    layout = ak.to_layout(ak.to_packed(ak.from_regular(array, axis=None)))
    offsets: list[Offsets] = []
    while True:
        if is_text(layout):
            note = f" (the first is {array.attrs[NOTE]})" if NOTE in array.attrs else ""
            raise SnakerootError(
                f"the branch {shown(name)} holds text{note}, not numbers, so it cannot stand in an expression"
            )
        check_simple(name, layout)
        if layout.is_option and (layout.content.is_list or layout.content.is_indexed):
            layout = ak.to_layout(ak.to_packed(ak.fill_none(ak.Array(layout), [], axis=0)))
        elif layout.is_indexed and not layout.is_option:
            layout = layout.project()
        elif layout.is_list:
            layout = layout.to_ListOffsetArray64(True)
            begins = np.asarray(layout.offsets.data, dtype=np.int64)
            offsets.append(begins)
            layout = layout.content[: begins[-1]]
        else:
            return Values(_numbers(name, layout), tuple(offsets))


def is_text(layout: Any) -> bool:
    """Whether a layout of awkward has a text in each place, or none where one is missing."""
    while (layout.is_option or layout.is_indexed) and layout.parameter("__array__") is None:
        layout = layout.content
    return layout.parameter("__array__") in TEXT


def check_simple(name: str, layout: Any) -> None:
    """Check that a branch has one value in each place, no record of several and none of several kinds.

    Raises:
        SnakerootError: that says how to write a part of a record.
    """
    inner = layout
    while not inner.is_record and not inner.is_union and hasattr(inner, "content"):
        inner = inner.content
    if inner.is_record:
        first = f"{name}.{inner.fields[0]}" if inner.fields else name
        raise SnakerootError(
            f"the branch {shown(name)} holds records ({', '.join(inner.fields[:20])}), not one value: write a part of "
            f"it, as branch({first!r})"
        )
    if inner.is_union:
        raise SnakerootError(f"the branch {shown(name)} holds variants, values of several kinds; leave it out")


def _numbers(name: str, layout: Any) -> Content:
    """Return the innermost numbers, 64 bits wide. The type follows from the branch's, not from what is missing."""
    optional = layout.is_option
    inner = layout.content if optional else layout
    if inner.is_unknown:  # a list that is empty in all entries
        return np.zeros(len(layout), np.float64)
    kind = _kind(name, inner.dtype)
    if optional:
        there = np.asarray(ak.to_numpy(~ak.is_none(ak.Array(layout))))
        present = np.asarray(ak.to_numpy(ak.drop_none(ak.Array(layout))))
        filled: Content = np.full(len(there), False if kind == "b" else np.nan)
        filled[there] = present if kind == "b" else doubles(present)
        return filled
    return _wide(name, np.asarray(inner.data))


def _kind(name: str, dtype: Any) -> str:
    kind: str = np.dtype(dtype).kind
    if kind not in "biuf":
        what = {"M": "times", "m": "times", "c": "complex numbers"}.get(kind, "no numbers")
        raise SnakerootError(f"the branch {shown(name)} holds {what}, not numbers, so it cannot stand in an expression")
    return kind


def _wide(name: str, plain: Content) -> Content:
    kind = _kind(name, plain.dtype)
    return plain.astype({"b": np.bool_, "i": np.int64, "f": np.float64}.get(kind, _unsigned(plain)), copy=False)


def _unsigned(plain: Content) -> type:
    return np.uint64 if plain.dtype.itemsize == 8 else np.int64
