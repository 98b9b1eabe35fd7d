"""Every entry of an ntuple, with what was predicted of it: as many as there are, in their order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.features import rows as read_rows
from snakeroot.features.columns import identity, per_entry
from snakeroot.features.extract import Plan
from snakeroot.features.picked import Chunk
from snakeroot.physics.expressions.branches import is_text
from snakeroot.settings import ENTRY, FILE

SELECTED, FOLD = "selected", "fold"
"""Columns beside the predictions: whether a row was scored, and by which fold, -1 for none."""


class Rows(NamedTuple):
    """Rows that were scored.

    Attributes:
        entry: numbers of their entries, int64 (rows,).
        object: places of their objects in these, int64 (rows,); None if rows are entries.
        fold: by which each was scored, int8 (rows,).
        scores: by name, float64 (rows,).
    """

    entry: NDArray[np.int64]
    object: NDArray[np.int64] | None
    fold: NDArray[np.int8]
    scores: Mapping[str, NDArray[np.float64]]

    def part(self, rows: slice) -> Rows:
        """Return some of them."""
        of_objects = None if self.object is None else self.object[rows]
        scores = {name: values[rows] for name, values in self.scores.items()}
        return Rows(self.entry[rows], of_objects, self.fold[rows], scores)


def identities(event_id: Sequence[str], branches: Chunk, start: int) -> dict[str, NDArray[np.generic] | ak.Array]:
    """Return who the entries are, by branch: numbers as in the file but 64 bits wide, arrays by a digest.

    Where entries are known by their number alone, that is `entry`.
    """
    entries = len(next(iter(branches.values())))
    number = np.arange(start, start + entries, dtype=np.int64)
    known: dict[str, Any] = {}
    for name in event_id:
        if name == FILE:
            continue
        if name == ENTRY:
            known["entry"] = number
            continue
        values = branches[name]
        plain = isinstance(values, np.ndarray) or values.ndim == 1 or is_text(values.layout)
        column = per_entry("event_id", name, values) if plain else identity(name, values, number)
        is_number = not pa.types.is_string(column.type)
        known[branch_name(name)] = column.to_numpy(zero_copy_only=False) if is_number else ak.from_arrow(column)
    return known


def objects(branches: Chunk, plan: Plan) -> NDArray[np.int64] | None:
    """Return how many objects each entry has, if these are the rows."""
    if not (collection := plan.settings.rows):
        return None
    entries = len(next(iter(branches.values())))
    read = read_rows.Rows(branches, np.arange(entries, dtype=np.int64), definitions=plan.definitions)
    found = read.objects(collection, plan.objects, plan.names & plan.definitions.keys())
    return np.bincount(found.entry, minlength=entries)


def placed(
    rows: Rows,
    start: int,
    entries: int,
    counts: NDArray[np.int64] | None,
    more: Mapping[str, NDArray[np.int8]] | None = None,
) -> dict[str, Any]:
    """Return what was predicted, by name, of each entry from `start` on, or of each of their objects.

    A row that was not scored has NaN, `selected` False and `fold` -1.

    Args:
        counts: objects of each entry (entries,), if these are the rows.
        more: further numbers of the rows, which are -1 where there is none.
    """
    place = rows.entry - start
    total = entries
    if counts is not None and rows.object is not None:
        begins = np.cumsum(counts) - counts
        place, total = begins[place] + rows.object, int(counts.sum())
    columns: dict[str, NDArray[np.generic]] = {}
    for name, values in rows.scores.items():
        columns[name] = np.full(total, np.nan)
        columns[name][place] = values
    columns[SELECTED] = np.zeros(total, np.bool_)
    columns[SELECTED][place] = True
    for name, numbers in {FOLD: rows.fold, **(more or {})}.items():
        columns[name] = np.full(total, -1, np.int8)
        columns[name][place] = numbers
    return columns if counts is None else {name: ak.unflatten(values, counts) for name, values in columns.items()}


def branch_name(*words: str) -> str:
    """Return words as the name of a branch: letters, digits and `_`, of which C++ makes names too."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", "_".join(words))
    return f"_{name}" if name[:1].isdigit() else name


def named(model: str, columns: Mapping[str, Any], collection: str | None) -> dict[str, Any]:
    """Return predictions as branches: `<model>_<column>`, or in the collection whose objects they are of."""
    by_name = {branch_name(model, name): values for name, values in columns.items()}
    return by_name if collection is None else {branch_name(collection): ak.zip(by_name)}
