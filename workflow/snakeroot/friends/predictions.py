"""The predictions of one part, out of those of all samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from snakeroot.apply.entries import Rows
from snakeroot.data import tables
from snakeroot.data.parquet import Parquet
from snakeroot.networks.rows import numbers

SPLIT = "split"
"""Column beside the predictions: which split of its fold a row is in, by its number; -1 for none."""


KNOWN = ("entry", "object", "fold")
"""Columns of a part's rows that are no predictions."""


def predicted(names: Sequence[str]) -> list[str]:
    """Return what is predicted, of the columns of combined predictions: of each thing there is `<thing>_0` too."""
    return [name for name in names if f"{name}_0" in names or f"{name.removesuffix('_spread')}_1" in names]


def of_part(files: Mapping[int, Path], sample: str, part: str) -> tuple[Rows, NDArray[np.int8]]:
    """Return the rows of a part in the order of their entries, and the number of the file that each is in."""
    found = [(number, table) for number, path in files.items() for table in _of_part(path, sample, part)]
    found = found or [(0, _none(next(iter(files.values()))))]
    table = pa.concat_tables([table for _, table in found])
    place = np.concatenate([np.full(table.num_rows, number, np.int8) for number, table in found])
    entry = numbers(table["entry"])
    of_object = numbers(table["object"]) if "object" in table.column_names else None
    order = np.lexsort((of_object if of_object is not None else entry, entry))
    scores = {name: numbers(table[name])[order] for name in table.column_names if name not in KNOWN}
    fold = numbers(table["fold"]).astype(np.int8)[order]
    return Rows(entry[order], None if of_object is None else of_object[order], fold, scores), place[order]


def _of_part(path: Path, sample: str, part: str) -> Iterator[pa.Table]:
    """Yield the part's rows of one file, of which only those groups of rows are read that may have some."""
    with tables.open_parquet(path) as file:
        names = _columns(file)
        for group in range(file.num_row_groups):
            if _may_have(file, group, sample=sample, part=part):
                table = file.read_row_group(group, names)
                own = pc.and_(pc.equal(table["sample"], sample), pc.equal(table["part"], part))
                yield table.filter(own).drop_columns(["sample", "part"])


def _columns(file: Parquet) -> list[str]:
    names = file.schema_arrow.names
    known = ["sample", "part", "entry", *(["object"] if "object" in names else []), "fold"]
    return [*known, *predicted(names)]


def _may_have(file: Parquet, group: int, **wanted: str) -> bool:
    """Whether a group of rows may have this value in each of these columns, as far as its statistics say."""
    of_group = file.metadata.row_group(group)
    for name, value in wanted.items():
        known = of_group.column(file.schema_arrow.names.index(name)).statistics
        if known is not None and known.has_min_max and not known.min <= value <= known.max:
            return False
    return True


def _none(path: Path) -> pa.Table:
    with tables.open_parquet(path) as file:
        return file.schema_arrow.empty_table().select(_columns(file)).drop_columns(["sample", "part"])
