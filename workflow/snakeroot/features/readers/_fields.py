"""What a column of CSV holds, by all of its fields: the same whatever the chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from snakeroot.errors import SnakerootError, shown

Sort = Literal["condition", "whole", "negative", "large", "beyond", "floating", "text"]
"""What a field is: true or false; a whole number of int64 that is not negative, one that is, one of uint64 alone, one
beyond 64 bits; another number; or text."""

CONDITIONS = ("true", "false")
LARGE = 2**63
DIGITS = 100
"""Characters of a whole number: with more of them it is beyond 64 bits, unless it begins with zeros."""


@dataclass(frozen=True)
class Kind:
    """What a column holds.

    Attributes:
        missing: whether some of its fields are empty.
        note: what makes it text, and where that is.
    """

    type: pa.DataType
    missing: bool
    note: str | None = None

    def converted(self, column: pa.ChunkedArray) -> pa.Array:
        """Return fields, which are text, in this type."""
        values = _trimmed(column)
        if pa.types.is_boolean(self.type):
            return pc.equal(pc.utf8_lower(values), CONDITIONS[0])
        return values if pa.types.is_string(self.type) else _without_plus(values).cast(self.type)


@dataclass
class Found:
    """What the fields of a column are, as far as it was read.

    Attributes:
        sorts: all that they are.
        first: of each sort that messages may tell of the first field, and its line.
        missing: whether a field is empty.
    """

    sorts: set[Sort] = field(default_factory=set)
    first: dict[Sort, tuple[str, int]] = field(default_factory=dict)
    missing: bool = False

    def add(self, column: pa.ChunkedArray, lines: Sequence[int]) -> None:
        """Take account of the fields of further lines."""
        values = _trimmed(column)
        self.missing |= values.null_count > 0
        new = _sorts(values.drop_null()) - self.sorts
        self.sorts |= new
        for sort in new - {"whole", "floating"}:
            place = next(place for place, one in enumerate(values) if one.is_valid and sort in _sorts(pa.array([one])))
            self.first[sort] = values[place].as_py(), lines[place]

    def kind(self, path: Path, name: str) -> Kind:
        """Return what the column holds, now that all of it was read.

        Raises:
            SnakerootError: naming file, column and line, if there are whole numbers that no type of 64 bits holds.
        """
        sorts = self.sorts
        if "text" in sorts or ("condition" in sorts and len(sorts) > 1):
            return Kind(pa.string(), self.missing, self._place("text" if "text" in sorts else "condition"))
        if "condition" in sorts:
            return Kind(pa.bool_(), self.missing)
        if "beyond" in sorts:
            raise SnakerootError(
                f"{path}: the column {name!r} has a whole number beyond 64 bits, {self._place('beyond')}: write "
                "floating-point numbers, as 1e20, or begin it with a letter, as text"
            )
        if "floating" in sorts or not sorts:
            return Kind(pa.float64(), self.missing)
        if "large" in sorts and "negative" in sorts:
            raise SnakerootError(
                f"{path}: the column {name!r} has {self._place('negative')} and {self._place('large')}, and no type of "
                "64 bits holds both: write floating-point numbers, as 1e20"
            )
        return Kind(pa.uint64() if "large" in sorts else pa.int64(), self.missing)

    def _place(self, sort: Sort) -> str:
        text, line = self.first[sort]
        return f"{shown(text, 40)} in line {line}"


def _sorts(values: pa.Array) -> set[Sort]:
    """Return what fields are that are not empty; all that matters of them, as text among others makes a column text."""
    if not len(values):
        return set()
    plain = _without_plus(values)
    whole = _cast(plain, pa.int64())
    if whole is not None and not _any(pc.match_substring(plain, "x", ignore_case=True)):  # hexadecimal
        return {"negative" if pc.min(whole).as_py() < 0 else "whole"}
    numbers = _cast(plain, pa.float64())
    if numbers is None:
        conditions = pc.is_in(pc.utf8_lower(plain), pa.array(CONDITIONS))
        if not _any(conditions):
            return {"text"}
        return {"condition", *_sorts(plain.filter(pc.invert(conditions)))}
    if not _any(pc.greater_equal(pc.abs(numbers), float(LARGE))):
        return {"floating"}
    are_whole = pc.match_substring_regex(plain, "^-?[0-9]+$")
    sorts = {_whole(text) for text in plain.filter(are_whole).to_pylist()}
    if not pc.all(are_whole).as_py():
        sorts.add("floating")
    return sorts


def _whole(text: str) -> Sort:
    number = int(text) if len(text) <= DIGITS else LARGE * LARGE
    if not -LARGE <= number < 2 * LARGE:
        return "beyond"
    return "negative" if number < 0 else "whole" if number < LARGE else "large"


def _trimmed(column: pa.ChunkedArray) -> pa.Array:
    """Return fields without white space around them; those that then are empty are missing."""
    values = pc.ascii_trim_whitespace(pa.concat_arrays(column.chunks))
    empty = pc.equal(values, "")
    return pc.if_else(empty, None, values) if _any(empty) else values


def _without_plus(values: pa.Array) -> pa.Array:
    """Return numbers without a sign that a number need not have."""
    return pc.replace_substring_regex(values, r"^\+([0-9.])", r"\1") if _any(pc.starts_with(values, "+")) else values


def _cast(values: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return values.cast(kind)
    except pa.ArrowInvalid:
        return None


def _any(conditions: pa.Array) -> bool:
    return bool(pc.any(conditions).as_py())
