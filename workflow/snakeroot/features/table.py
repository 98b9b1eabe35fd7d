"""Rows as a table: who they are, their target and weight, what a network takes, and what is carried along."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import arrays
from snakeroot.features.columns import constant, defined, identity, per_entry
from snakeroot.features.rows import Rows
from snakeroot.features.settings import FeaturesSettings
from snakeroot.networks.others import target
from snakeroot.physics.expressions.values import Values
from snakeroot.settings import ENTRY, FILE, ID


def table(
    rows: Rows, weight: NDArray[np.float64], inputs: Mapping[str, NDArray[np.float32]], settings: FeaturesSettings
) -> pa.Table:
    """Return the table that the stage writes.

    Args:
        weight: shape (rows,).
        inputs: by name, numbers (rows,) or blocks (rows, …); also the target, if it is computed, and those beside it.
    """
    columns = {ID + name: _identity(name, rows, settings) for name in settings.event_id}
    columns["sample"] = constant(settings.sample, len(rows))
    columns["part"] = constant(settings.part, len(rows))
    columns["entry"] = arrays.column(rows.entry)
    if rows.object is not None:
        columns["object"] = arrays.column(rows.object)
    if "target" in inputs:
        columns["target"] = arrays.column(inputs["target"])
    elif settings.target is None:
        columns["target"] = pa.nulls(len(rows), pa.int8())
    else:
        columns["target"] = arrays.column(np.full(len(rows), settings.target, np.int8))
    for name in map(target, settings.auxiliary):
        columns[name] = arrays.column(inputs[name])
    columns["weight"] = arrays.column(weight)
    for name, one in settings.inputs.items():
        values = arrays.column(inputs[name].reshape(-1))
        columns[name] = values if one.kind == "scalar" else pa.FixedSizeListArray.from_arrays(values, one.size)
    for name in settings.spectators:
        value = rows.scope[name]
        if isinstance(value, Values):
            columns[name] = defined(name, value, rows.entry)
        else:
            columns[name] = per_entry("spectator", name, value)
    if settings.split:
        columns["split"] = per_entry("split", settings.split, rows.chunk[settings.split])
    return pa.table(columns)


def _identity(name: str, rows: Rows, settings: FeaturesSettings) -> pa.Array:
    if name == FILE:
        return constant(settings.part, len(rows)).dictionary_decode()
    if name == ENTRY:
        return arrays.column(rows.entry)
    return identity(name, rows.chunk[name], rows.entry)
