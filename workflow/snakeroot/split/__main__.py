"""`python -m snakeroot.split`: one part into train, validation and test of one fold."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.arrays import column
from snakeroot.data.files import atomic
from snakeroot.data.identity import event_hash, unit_interval
from snakeroot.data.parquet import Parquet
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.settings import ID
from snakeroot.split import parameters
from snakeroot.split.settings import SPLITS, Fractions, Predefined, SplitSettings

COLUMN = "split"
"""Of the tables: what a branch says of the splits."""


def split(
    settings: SplitSettings,
    table: Annotated[Path, "Parquet file of features"],
    train: Annotated[Path, "Parquet file to write: the rows to train on"],
    validation: Annotated[Path, "Parquet file to write: the rows for early stopping and tuning"],
    test: Annotated[Path, "Parquet file to write: the rows that nothing is fitted to"],
) -> None:
    """Send each row to the split of its event or group, in the file's order, holding one row group at a time.

    Raises:
        SnakerootError: if a branch says the splits, and has a value in some rows that is of none.
    """
    number, known = numbers(table, settings), settings.parameters
    with atomic(train, validation, test) as parts, tables.open_parquet(table) as file, ExitStack() as files:
        schema = parameters.schema(file.schema_arrow, known) if known else file.schema_arrow
        writers = [files.enter_context(tables.writer(schema, part)) for part in parts]
        for rows, numbers_of_rows in _groups(file, number):
            if known:
                rows = parameters.added(rows, known, settings.group, table)  # noqa: PLW2901
            for index, write in enumerate(writers):
                write(rows.filter(column(numbers_of_rows == index)))
    for index, name in enumerate(SPLITS):
        logging.info("%s: %d of %d rows to %s", table, (number == index).sum(), len(number), name)


def numbers(table: Path, settings: SplitSettings) -> NDArray[np.int8]:
    """Return 0 for train, 1 for validation, 2 for test, of each row of a table of features."""
    wanted = settings.fractions
    if settings.whole:
        rows = tables.open_parquet(table).metadata.num_rows
        return np.full(rows, SPLITS.index(settings.whole), np.int8)
    if isinstance(wanted, Predefined):
        return stated(tables.read(table, [COLUMN])[COLUMN], wanted, table).astype(np.int8)
    of_groups = [np.empty(0, np.int8)]
    with tables.open_parquet(table) as file:
        for group in range(file.num_row_groups):
            known = file.read_row_group(group, [ID + name for name in settings.group])
            hashes = event_hash(known, settings.group, wanted.seed)
            of_groups.append(assign(hashes, wanted, settings.fold).astype(np.int8))
    return np.concatenate(of_groups)


def stated(column: pa.ChunkedArray, wanted: Predefined, table: Path) -> NDArray[np.int64]:
    """Return the number of the split that the branch says, of each row."""
    coded = column.combine_chunks().dictionary_encode()
    place, values = np.from_dlpack(coded.indices), coded.dictionary.to_pylist()
    assigned: NDArray[np.int64] = np.array([wanted.numbers.get(value, -1) for value in values], np.int64)[place]
    if (lost := assigned < 0).any():
        first = place[lost.argmax()]
        rows = int((place == first).sum())
        raise SnakerootError(
            f"{table}: the branch {wanted.column!r} (split.column) is {values[first]!r} in {rows} "
            "rows, which is no value of train, validation or test: add it to one, or select such entries away"
        )
    return assigned


def _groups(file: Parquet, number: NDArray[np.int8]) -> Iterator[tuple[pa.Table, NDArray[np.int8]]]:
    """Yield the rows of each row group, and their numbers."""
    start = 0
    for group in range(file.num_row_groups):
        rows = file.read_row_group(group)
        yield rows, number[start : start + rows.num_rows]
        start += rows.num_rows


def assign(hashes: NDArray[np.uint64], fractions: Fractions, fold: int) -> NDArray[np.int64]:
    """Return 0 for train, 1 for validation, 2 for test: where the hash, as a number in [0, 1), falls.

    Folds cut that interval into equal parts and bend it to a circle. Part f is the test split of fold f; what follows
    it on the way round is train, and then comes validation: another set in each fold.
    """
    position = unit_interval(hashes)
    if fractions.folds == 1:
        edges = np.cumsum([fractions.train, fractions.validation])
        return np.searchsorted(edges, position, side="right")
    part, inside = np.divmod(position * fractions.folds, 1)
    # whole numbers decide on the test split: exact, so that no rounding puts an event into two of them
    turn = (part - fold - 1) % fractions.folds
    last = fractions.folds - 1
    train = last * fractions.train / (fractions.train + fractions.validation)
    return np.where(turn == last, 2, np.where(turn + inside < train, 0, 1))


if __name__ == "__main__":
    main(split)
