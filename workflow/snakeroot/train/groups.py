"""Row groups of Parquet files: which there are, of which sample, and their columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.networks.rows import numbers

TOGETHER = 8
"""Columns that are put beside each other at once: one by one, each would go through all memory of a group."""


class Group(NamedTuple):
    """A row group of a Parquet file; a file holds rows of one sample, nominal or in a variation."""

    path: Path
    number: int
    rows: int
    sample: str
    variation: str = ""


def groups(path: Path) -> Iterator[Group]:
    """Yield the row groups of a file in which there is something."""
    with tables.open_parquet(path) as file:
        column = file.schema_arrow.get_field_index("sample")
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            if group.num_rows:
                yield Group(path, number, group.num_rows, _sample(path, group.column(column).statistics))


def _sample(path: Path, statistics: pq.Statistics | None) -> str:
    if statistics is None or not statistics.has_min_max or statistics.min != statistics.max:
        raise SnakerootError(f"{path}: not of one sample; delete it and run again")
    return str(statistics.min)


def columns(group: Group, names: Sequence[str]) -> Iterator[NDArray[Any]]:
    """Yield the columns of a group, decoding some at a time: what that takes is small beside the group."""
    with tables.open_parquet(group.path) as file:
        for first in range(0, len(names), TOGETHER):
            some = names[first : first + TOGETHER]
            table = file.read_row_group(group.number, some)
            yield from (numbers(table[name]) for name in some)
