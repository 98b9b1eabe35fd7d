"""Physics parameters as columns: those of signal as they are given, those of all other events drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import points
from snakeroot.data.arrays import column
from snakeroot.data.identity import event_hash
from snakeroot.errors import SnakerootError
from snakeroot.split.settings import Parameters, carried


def schema(known: pa.Schema, parameters: Parameters) -> pa.Schema:
    """Return the schema of a table of features with a column of float32 for each parameter, behind all others.

    What features have of them, in their own precision, is in these columns then.
    """
    left = [carried(name) for name in parameters.names]
    others = [field for field in known if field.name not in left]
    return pa.schema([*others, *(pa.field(name, pa.float32()) for name in parameters.names)])


def added(rows: pa.Table, parameters: Parameters, group: Sequence[str], where: Path) -> pa.Table:
    """Return rows of features with these columns.

    Args:
        group: branches whose equal values mean one point: copies of an event have the same, in any file and sample.
        where: the file, for messages.

    Raises:
        SnakerootError: if a column of features has a value that signal is not said to have.
    """
    if parameters.drawn:
        hashes = event_hash(rows, group, parameters.drawn.seed)
        values = dict(zip(parameters.names, points.drawn(hashes, parameters.drawn.points).T, strict=True))
    else:
        values = {name: _given(rows, name, parameters.given[name], where) for name in parameters.names}
    left = [carried(name) for name in parameters.names]
    table = rows.drop_columns([name for name in left if name in rows.column_names])
    for name in parameters.names:
        table = table.append_column(name, column(np.ascontiguousarray(values[name])))
    return table


def _given(rows: pa.Table, name: str, given: float | Sequence[float], where: Path) -> NDArray[np.float32]:
    if isinstance(given, int | float):
        return np.full(rows.num_rows, given, np.float32)
    values = np.from_dlpack(rows[carried(name)].combine_chunks()).astype(np.float32)
    if (wrong := ~np.isin(values, np.asarray(given, np.float32))).any():
        raise SnakerootError(
            f"{where}: {name} (samples.<sample>.parameters) is {values[wrong.argmax()]:g} in {wrong.sum()} rows, which "
            f"is none of the task's parameters.{name}: {', '.join(f'{value:g}' for value in given)}"
        )
    return values
