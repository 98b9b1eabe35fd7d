"""Parquet in and out: pyarrow holds the columns, with bytes that depend on nothing but the values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from snakeroot.data.files import atomic
from snakeroot.data.parquet import Parquet, seal
from snakeroot.errors import SnakerootError

ROW_GROUP = 65_536
"""The most rows of a row group: what a reader holds at once."""

GROUP_BYTES = 2**25
"""The most bytes of a row group, by the widths of its columns."""

TEXT = 64
"""Bytes that a text is taken to have."""


def row_group(schema: pa.Schema) -> int:
    """Return the rows of a row group: a function of the schema, so that bytes do not depend on how rows arrived."""
    return max(1, min(ROW_GROUP, GROUP_BYTES // sum(_width(field.type) for field in schema)))


def _width(kind: pa.DataType) -> int:
    if pa.types.is_fixed_size_list(kind):
        return int(kind.list_size) * _width(kind.value_type)
    try:
        return (int(kind.bit_width) + 7) // 8
    except ValueError:
        return TEXT


class Regrouped:
    """The same rows in tables of exactly `rows` rows, the last of which may be shorter, holding about one at a time."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.held: list[pa.Table] = []
        self.count = 0

    def add(self, table: pa.Table) -> Iterator[pa.Table]:
        """Take the rows that come next, and yield what is full."""
        self.held.append(table)
        self.count += table.num_rows
        while self.count >= self.rows:
            joined = pa.concat_tables(self.held)
            yield joined.slice(0, self.rows).combine_chunks()
            self.held, self.count = [joined.slice(self.rows)], self.count - self.rows

    def rest(self) -> Iterator[pa.Table]:
        """Yield what is left, if anything is."""
        if self.count:
            yield pa.concat_tables(self.held).combine_chunks()


def regroup(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Yield the rows of all tables in tables of exactly `rows` rows, but for the last."""
    regrouped = Regrouped(rows)
    for table in tables:
        yield from regrouped.add(table)
    yield from regrouped.rest()


@contextmanager
def writer(schema: pa.Schema, path: Path) -> Iterator[Callable[[pa.Table], None]]:
    """Yield what adds a table of a schema to a Parquet file, which is there, whole, when the context ends well."""
    size = row_group(schema)
    regrouped = Regrouped(size)
    with atomic(path) as [part]:
        with pq.ParquetWriter(part, schema, compression="zstd", **_encodings(schema)) as file:

            def add(table: pa.Table) -> None:
                for rows in regrouped.add(table):
                    file.write_table(_cast(rows, schema), row_group_size=size)

            yield add
            for rows in regrouped.rest():
                file.write_table(_cast(rows, schema), row_group_size=size)
        seal(part)


def _cast(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return rows of a schema; where it is theirs already, nothing imports pyarrow.compute, a tenth of a second."""
    return rows if rows.schema.equals(schema) else rows.cast(schema)


def _encodings(schema: pa.Schema) -> dict[str, list[str]]:
    """Return which columns are encoded how before they are compressed, and all others as they are.

    Few numbers of 32 or 64 bits are there twice: a dictionary of them costs more than it saves, while their bytes
    compress well if all first ones stand together, all second ones, and so on. Blocks are mostly zeros, which compress
    better as they are.
    """
    blocks = {field.name for field in schema if pa.types.is_fixed_size_list(field.type)}
    numbers = [field.name for field in schema if _is_number(field.type) and field.type.bit_width >= 32]
    return {
        "use_byte_stream_split": numbers,
        "use_dictionary": [name for name in schema.names if name not in {*blocks, *numbers}],
    }


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def write(tables: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
    """Write tables of one schema as one Parquet file, also when there is no row at all."""
    with writer(schema, path) as add:
        for table in tables:
            add(table)


def open_parquet(path: Path) -> Parquet:
    """Open a Parquet file of ours; a damaged one is an error that names it."""
    return Parquet(path)


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file, or some of its columns, in the file's order of rows."""
    with open_parquet(path) as file:
        return file.read(columns)


def read_all(paths: Sequence[Path], columns: Sequence[str] | None = None) -> pa.Table:
    """Read several Parquet files of one schema, one below the other in the given order.

    Raises:
        SnakerootError: if a column is of another type in one of them, naming both files.
    """
    tables = [read(path, columns) for path in paths]
    for path, table in zip(paths, tables, strict=True):
        _same(table.schema, path, tables[0].schema, paths[0])
    return pa.concat_tables(tables).unify_dictionaries()


def stream(paths: Sequence[Path], columns: Sequence[str], rows: int = ROW_GROUP) -> Iterator[pa.Table]:
    """Yield the same rows in tables of exactly `rows` rows, but for the last; of no row at all one table without any.

    Raises:
        SnakerootError: as `read_all`.
    """
    regrouped = Regrouped(rows)
    none, found = None, False
    for path in paths:
        with open_parquet(path) as file:
            empty = file.schema_arrow.empty_table().select(columns)
            none = empty if none is None else none
            _same(empty.schema, path, none.schema, paths[0])
            for number in range(file.num_row_groups):
                found = True
                yield from regrouped.add(file.read_row_group(number, columns).select(columns))
    yield from regrouped.rest() if found else [none]


def _same(schema: pa.Schema, path: Path, first: pa.Schema, of: Path) -> None:
    for one, other in zip(first, schema, strict=True):
        if one != other:
            raise SnakerootError(
                f"{path}: the column {other.name!r} is {other.type}, but {one.name!r} is {one.type} in {of}: "
                "the ntuples store its branch differently, or have some of its whole numbers missing"
            )
