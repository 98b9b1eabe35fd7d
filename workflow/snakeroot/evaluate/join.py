"""Columns of the features, beside the predictions of the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.resampling import Floats

FILE = ["sample", "part"]
ROW = ["entry", "object"]
"""What a row of a file is known by; `object` is there where objects of an entry are rows."""


def join(
    predictions: Path, features: Sequence[Path], columns: Sequence[str]
) -> Iterator[tuple[NDArray[np.intp], pa.Table]]:
    """Yield for each file of features which rows of the predictions are its, (m,), and the columns at these, m rows.

    One file is in memory at a time.

    Raises:
        SnakerootError: if a row is in no file, or its columns say too little to find it.
    """
    row = [name for name in ROW if name in tables.open_parquet(predictions).schema_arrow.names]
    keys = tables.read(predictions, [*FILE, *row]).to_pandas()
    waiting = {name: np.sort(at) for name, at in keys.groupby(FILE, observed=True).indices.items()}
    for path in features:
        table = tables.read(path, [*FILE, *row, *columns])
        name = tuple(table[key][0].as_py() for key in FILE) if table.num_rows else None
        positions = waiting.pop(name, None)
        if positions is None:
            continue
        known, wanted = (pd.MultiIndex.from_frame(frame[row]) for frame in (table.to_pandas(), keys.iloc[positions]))
        places = known.get_indexer(wanted) if known.is_unique else np.full(1, -1)
        if (places < 0).any():
            raise SnakerootError(f"{predictions}: its rows are not those of {path}; delete it and run again")
        yield positions, table.select(columns).take(pa.array(places))
    if waiting:
        raise SnakerootError(f"{predictions}: no features of {next(iter(waiting))}; delete it and run again")


def numbers(predictions: Path, features: Sequence[Path], names: Sequence[str], key: str) -> dict[str, Floats]:
    """Return columns at all rows of the predictions, float64 (n,), by name; NaN where one is missing or undefined.

    Args:
        key: of the config, by which the columns were chosen.

    Raises:
        SnakerootError: if one holds text.
    """
    found = {name: np.full(tables.open_parquet(predictions).metadata.num_rows, np.nan) for name in names}
    for positions, table in join(predictions, features, names):
        for name, column in found.items():
            if pa.types.is_string(table[name].type):
                raise SnakerootError(f"{key}: {name!r} holds text, and a number is wanted")
            column[positions] = table[name].to_pandas().to_numpy(np.float64, na_value=np.nan)
    return found


def column(predictions: Path, features: Sequence[Path], name: str) -> Floats:
    """Return one column of numbers at all rows of the predictions, float64 (n,).

    Raises:
        SnakerootError: if it is no number somewhere.
    """
    numbers = np.full(tables.open_parquet(predictions).metadata.num_rows, np.nan)
    for positions, table in join(predictions, features, [name]):
        values = table[name]
        if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
            raise SnakerootError(f"evaluation.reference: {name!r} is {values.type}, not a number")
        numbers[positions] = values.to_numpy()
    if not np.isfinite(numbers).all():
        raise SnakerootError(
            f"evaluation.reference: {name!r} is not finite in {int((~np.isfinite(numbers)).sum())} rows; "
            "make it a feature, which `non_finite` has an eye on, or add to the selection"
        )
    return numbers
