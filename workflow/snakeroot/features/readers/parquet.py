"""Reading a Parquet file in chunks, with errors that name the file and the column.

A file has no trees. A column is a branch; of records, or lists of records, each field is, and named by its path with
dots, as `Jet.pt`, or by the path's end where that is unambiguous. Whole numbers that may be missing are whole numbers
all the same unless the file has a place without one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import awkward as ak
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from snakeroot.data.tables import regroup
from snakeroot.errors import SnakerootError
from snakeroot.features import branches as names
from snakeroot.features.limits import check_entries, check_unpacked, check_values
from snakeroot.features.ntuple import damaged, reason, unsuited
from snakeroot.features.readers import _arrow

KIND = "a Parquet"
SIGNATURE = b"PAR1"

BUFFER = 2**20
"""Bytes of a column that are read at once: a row group may be the whole file."""

WIDEST = 32
"""Bytes of a number, with what is said of its place: with more of them a column is not what it declares."""

SCANNED = 65_536
"""Rows that are read at once where only what is missing is looked for."""


@dataclass(frozen=True)
class Leaf:
    """A column that holds values.

    Attributes:
        parts: names of the column and of the fields of records that it is in.
        nullable: whether it may have no value in a place that its list has.
        in_lists: whether its values are in lists.
        place: its number among the columns of the file, those of records and maps counted apart.
    """

    parts: tuple[str, ...]
    kind: pa.DataType
    nullable: bool
    in_lists: bool
    place: int = 0


@dataclass(frozen=True)
class Tree:
    """An open file.

    Attributes:
        branches: its columns by path; several may be called alike.
    """

    file: pq.ParquetFile
    branches: dict[str, list[Leaf]]


@contextmanager
def opened(path: Path, tree: str | None) -> Iterator[Tree]:  # noqa: ARG001 - a file has no trees
    """Yield the file.

    Raises:
        SnakerootError: naming the file, if it is damaged or has no rows.
    """
    with _faults(path):
        file = _opened(path)
    with file:
        branches: dict[str, list[Leaf]] = {}
        with _faults(path):
            for leaf in _leaves(file):
                branches.setdefault(".".join(leaf.parts), []).append(leaf)
            rows = file.metadata.num_rows
            check_entries(path, rows)
        if rows == 0:
            raise SnakerootError(f"{path}: the file has no rows; take it out of the sample")
        yield Tree(file, branches)


def _opened(path: Path, **more: Any) -> pq.ParquetFile:
    return pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False, page_checksum_verification=True, **more)


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Tell of what pyarrow raises, which is whatever the damaged bytes lead it to."""
    try:
        yield
    except SnakerootError:
        raise
    except NotImplementedError as error:
        raise SnakerootError(
            f"{path}: pyarrow cannot read this kind of Parquet file ({reason(error)}); write it otherwise, or fetch "
            "it again if other programs cannot read it either"
        ) from error
    except Exception as error:
        raise damaged(path, error) from error


def _leaves(file: pq.ParquetFile) -> Iterator[Leaf]:
    place = 0
    for field in file.schema_arrow:
        for leaf in _below(field, (field.name,), False, False):
            yield replace(leaf, place=place)
            place += _size(leaf.kind)
    if place != len(file.schema):
        raise ValueError(f"it has {len(file.schema)} columns, where {place} are described")


def _below(field: pa.Field, parts: tuple[str, ...], nullable: bool, in_lists: bool) -> Iterator[Leaf]:
    kind, nullable = _arrow.bare(field.type), nullable or field.nullable
    if types.is_struct(kind):
        for child in kind:
            yield from _below(child, (*parts, child.name), nullable, in_lists)
    elif _arrow.is_list(kind):
        yield from _below(kind.value_field, parts, False, True)
    else:
        yield Leaf(parts, kind, nullable, in_lists)


def _size(kind: pa.DataType) -> int:
    """Return how many columns of the file values of a type are in: keys and values of a map are apart."""
    return sum(_size(_arrow.bare(kind.field(number).type)) for number in range(kind.num_fields)) or 1


def length(path: Path, tree: Tree) -> int:  # noqa: ARG001 - others look into the file
    """Return how many rows there are."""
    return int(tree.file.metadata.num_rows)


def columns(tree: Tree) -> list[str]:
    """Return the paths of all columns that hold values, in the file's order."""
    return list(tree.branches)


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the path of the column that each name means.

    Raises:
        SnakerootError: naming the file and the column that it lacks.
    """
    return {name: names.found(name, tree.branches, path, None, ".") for name in branches}


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the columns, `entries` rows at a time, in order.

    Raises:
        SnakerootError: naming the file and the column that it lacks or that holds neither numbers nor text, or the
            file if its bytes are damaged.
    """
    leaves = {name: _leaf(path, tree, full) for name, full in paths(path, tree, branches).items()}
    with _faults(path):
        for leaf in leaves.values():
            _check_sizes(path, tree, leaf)
        tree = _with_dictionaries(path, tree, leaves.values())
        optional = {name: _lacks_some(tree, leaf) for name, leaf in leaves.items()}
        left = tree.file.metadata.num_rows
        for table in regroup(_tables(tree, leaves.values(), entries), entries):
            left -= table.num_rows
            yield {name: _branch(path, name, table, leaf, optional[name]) for name, leaf in leaves.items()}
        if left:
            raise ValueError("some of its rows are missing")


def _leaf(path: Path, tree: Tree, full: str) -> Leaf:
    """Return a column that can be read."""
    leaf, *others = tree.branches[full]
    top = sum(field.name == leaf.parts[0] for field in tree.file.schema_arrow)
    if others or top > 1:
        raise SnakerootError(f"{path}: {max(len(others) + 1, top)} columns are called {full!r}; rename all but one")
    if what := _arrow.unsuited(leaf.kind):
        raise unsuited(path, full, what)
    return leaf


def _check_sizes(path: Path, tree: Tree, leaf: Leaf) -> None:
    """Check how many values a column declares, and what its pages would unpack to."""
    metadata = tree.file.metadata
    pieces = [metadata.row_group(group).column(leaf.place) for group in range(metadata.num_row_groups)]
    check_values(path, sum(one.num_values for one in pieces))
    for one in pieces:
        if _arrow.is_text(leaf.kind) or one.total_uncompressed_size > WIDEST * one.num_values:
            check_unpacked(one.total_compressed_size, one.total_uncompressed_size)


def _with_dictionaries(path: Path, tree: Tree, leaves: Iterable[Leaf]) -> Tree:
    """Return the file, in which a text that many entries have in common is not written out for each by pyarrow."""
    texts = sorted({tree.file.schema.column(leaf.place).path for leaf in leaves if _arrow.is_text(leaf.kind)})
    if not texts:
        return tree
    return replace(tree, file=_opened(path, read_dictionary=texts, metadata=tree.file.metadata))


def _lacks_some(tree: Tree, leaf: Leaf) -> bool:
    """Whether a column of whole numbers has none in some place of the file, by its statistics if they say so."""
    if not (types.is_integer(leaf.kind) and leaf.nullable):
        return False
    metadata = tree.file.metadata
    known = [metadata.row_group(group).column(leaf.place).statistics for group in range(metadata.num_row_groups)]
    if not leaf.in_lists and all(one is not None and one.has_null_count for one in known):
        return any(one.null_count for one in known)
    arrays = (_arrow.innermost(_column(table, leaf), leaf.parts[1:]) for table in _tables(tree, [leaf], SCANNED))
    return any(values.null_count for values in arrays)


def _tables(tree: Tree, leaves: Iterable[Leaf], rows: int) -> Iterator[pa.Table]:
    wanted = sorted({tree.file.schema.column(leaf.place).path for leaf in leaves})
    for batch in tree.file.iter_batches(rows, columns=wanted, use_threads=False):
        batch.validate(full=True)
        yield pa.Table.from_batches([batch])


def _branch(path: Path, name: str, table: pa.Table, leaf: Leaf, optional: bool) -> ak.Array:
    try:
        return _arrow.branch(_column(table, leaf), leaf.parts[1:], optional)
    except _arrow.NoTextError as error:
        raise SnakerootError(
            f"{path}: the branch {name!r} holds bytes that are no text of UTF-8; write them as such, or leave it out"
        ) from error


def _column(table: pa.Table, leaf: Leaf) -> pa.Array:
    return pa.concat_arrays(table.column(leaf.parts[0]).chunks)
