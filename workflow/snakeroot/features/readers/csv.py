"""Reading CSV, plain or compressed by gzip, in chunks, with errors that name the file, the column and the line.

A file has no trees. Its first line names the columns, which are the branches; comments may stand above it. Each further
line is a row, unless it is empty. What a column holds follows from all of its fields, so the file is read twice:
conditions (true and false), whole numbers of 64 bits, floating-point numbers (nan and inf are some), or else text. An
empty field is missing.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import awkward as ak
import pyarrow as pa
from pyarrow.csv import ConvertOptions, ReadOptions, read_csv

from snakeroot.data.tables import regroup
from snakeroot.errors import SnakerootError, shown
from snakeroot.features import branches as names
from snakeroot.features.ntuple import damaged
from snakeroot.features.readers import _arrow, _fields
from snakeroot.features.readers._lines import Block, blocks, is_cut
from snakeroot.physics.expressions.branches import NOTE

KIND = "a CSV"
SIGNATURE = None

RETURN = "a carriage return"


@dataclass(frozen=True)
class Tree:
    """A file.

    Attributes:
        branches: the place of each column; several may be called alike.
        columns: how many there are.
    """

    branches: Mapping[str, list[int]]
    columns: int


@contextmanager
def opened(path: Path, tree: str | None) -> Iterator[Tree]:  # noqa: ARG001 - a file has no trees
    """Yield what the header says.

    Raises:
        SnakerootError: naming the file, if it is damaged, has no header, or no rows.
    """
    lines = blocks(path)
    header, rest = next(lines, Block(b"", ())).without_first()
    fields = _header(path, header)
    if not any(block.content.strip() for block in _and_further(rest, lines)):
        raise SnakerootError(f"{path}: the file has no rows; take it out of the sample")
    if is_cut(path):
        logging.warning("%s: the last line has no end: is the file whole?", path)
    branches: dict[str, list[int]] = {}
    for place, name in enumerate(fields):
        branches.setdefault(name, []).append(place)
    yield Tree(branches, len(fields))


def _header(path: Path, line: bytes) -> list[str]:
    if b"\r" in line.removesuffix(b"\r"):
        raise SnakerootError(f"{path}: the header has {RETURN} within: end lines with a line feed")
    try:
        fields = [name.strip() for name in next(csv.reader([line.decode()], strict=True), [])]
    except (UnicodeDecodeError, csv.Error) as error:
        raise SnakerootError(f"{path}: its header cannot be read ({error}); write it as CSV in UTF-8") from error
    if all(map(_is_number, filter(None, fields))):
        raise SnakerootError(
            f"{path}: the first line, {shown(line.decode())}, names no columns; write a header (without '#', which "
            "begins a comment)"
        )
    if len(fields) == 1 and set(";\t|") & set(fields[0]):
        raise SnakerootError(f"{path}: the header, {shown(fields[0])}, has no comma: separate fields by commas")
    return fields


def _is_number(text: str) -> bool:
    with suppress(ValueError):
        float(text)
        return True
    return False


def length(path: Path, tree: Tree) -> int:  # noqa: ARG001 - the rows are counted
    """Return how many rows there are, which takes reading all of them."""
    return sum(len(block.lines) for block in blocks(path)) - 1


def columns(tree: Tree) -> list[str]:
    """Return all columns, in the file's order."""
    return list(tree.branches)


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the column that each name means: the one that is called so.

    Raises:
        SnakerootError: naming the file and the column that it lacks, or has several times.
    """
    for name in branches:
        if len(places := tree.branches.get(name, [])) > 1:
            raise SnakerootError(f"{path}: {len(places)} columns are called {name!r}; rename all but one")
    return {name: names.found(name, tree.branches, path, None, "\n") for name in branches}


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the columns, `entries` rows at a time, in order.

    Raises:
        SnakerootError: naming the file and the column that it lacks, or the line that has another number of fields, is
            no text, or has a whole number beyond 64 bits.
    """
    places = {name: str(tree.branches[full][0]) for name, full in paths(path, tree, branches).items()}
    content = {name: _fields.Found() for name in places}
    for table, block in _tables(path, tree, places.values()):
        for name, place in places.items():
            content[name].add(table.column(place), block.lines)
    kinds = {name: content[name].kind(path, name) for name in places}

    def typed() -> Iterator[pa.Table]:
        for table, _ in _tables(path, tree, places.values()):
            try:
                columns = {name: kinds[name].converted(table.column(place)) for name, place in places.items()}
            except pa.ArrowInvalid as error:  # it has just been read otherwise
                raise damaged(path, error) from error
            yield pa.table(columns)

    for table in regroup(typed(), entries):
        yield {name: _branch(table.column(name), kind) for name, kind in kinds.items()}


def _branch(column: pa.ChunkedArray, kind: _fields.Kind) -> ak.Array:
    array = _arrow.branch(pa.concat_arrays(column.chunks), optional=kind.missing)
    return ak.Array(array, attrs={NOTE: kind.note}) if kind.note else array


def _tables(path: Path, tree: Tree, wanted: Collection[str]) -> Iterator[tuple[pa.Table, Block]]:
    """Yield the wanted columns as text, and the lines that they are from."""
    lines = blocks(path)
    _, rest = next(lines).without_first()
    for block in _and_further(rest, lines):
        if tree.columns == 1 and (empty := next((number for number, line in block.each() if not line.strip()), None)):
            raise SnakerootError(f'{path}: line {empty} is empty; write an empty field as ""')
        if some := _read(path, tree, block, wanted):
            yield some


def _read(path: Path, tree: Tree, block: Block, wanted: Collection[str]) -> tuple[pa.Table, Block] | None:
    """Return the rows of a block and their lines, without those that are empty; None if all are.

    Raises:
        SnakerootError: naming the file and the first line that is no row.
    """
    try:
        return _table(tree, block, wanted), block
    except Exception as error:  # pyarrow raises whatever the bytes lead it to
        filled = block.without_empty()  # they are rare, so they are looked for only now
        if len(filled.lines) == len(block.lines):
            raise _fault(path, tree, block, error) from error
    return _read(path, tree, filled, wanted) if filled.content else None


def _table(tree: Tree, block: Block, wanted: Collection[str]) -> pa.Table:
    """Return a row for each line.

    Raises:
        ValueError: if lines are no rows of the file. pyarrow raises others.
    """
    table = read_csv(
        pa.BufferReader(block.content),
        # one piece for all of the block, so that its rows can be counted
        ReadOptions(
            use_threads=False,
            block_size=len(block.content) + 1,
            column_names=[str(place) for place in range(tree.columns)],
        ),
        convert_options=ConvertOptions(
            include_columns=sorted(set(wanted)),
            column_types=dict.fromkeys(wanted, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    if table.num_rows != len(block.lines) or _is_open(block.last()):
        raise ValueError("its rows are no lines")
    return table


def _and_further(first: Block, others: Iterator[Block]) -> Iterator[Block]:
    if first.content:
        yield first
    yield from others


def _fault(path: Path, tree: Tree, block: Block, error: Exception) -> SnakerootError:
    """Return the error to raise: of the first line that is no row of the table."""
    for number, line in block.each():
        if what := _wrong(line, tree.columns):
            return SnakerootError(f"{path}: line {number} {what}")
    return damaged(path, error)


def _is_open(text: str) -> bool:
    """Whether a line has a quote that is not closed."""
    try:
        next(csv.reader([text], strict=True), None)
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _wrong(line: bytes, columns: int) -> str | None:
    """Return what is the matter with a line; None if it is a row."""
    try:
        text = line.decode().removesuffix("\r")
        if "\r" in text:
            return f"has {RETURN} within; end lines with a line feed, and have none in a field"
        if _is_open(text):
            return "has a quote that is not closed in it; a field cannot go on in the next line"
        fields = len(next(csv.reader([text])))
    except UnicodeDecodeError:
        return f"is not UTF-8 ({shown(line[:40])}); write the file as UTF-8"
    except csv.Error as error:
        return f"is no CSV ({error})"
    if fields != columns:
        return f"has {fields} fields, and the header {columns}; is the file whole?"
    return None
