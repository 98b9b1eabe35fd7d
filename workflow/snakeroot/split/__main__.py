"""`python -m snakeroot.split`: one part into train, validation and test."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot import tables
from snakeroot.command import main
from snakeroot.files import whole
from snakeroot.split.identity import event_hash, unit_interval
from snakeroot.split.settings import SPLITS, Fractions, SplitSettings


def split(
    settings: SplitSettings,
    table: Annotated[Path, "Parquet file of features"],
    train: Annotated[Path, "Parquet file to write: the rows to train on"],
    validation: Annotated[Path, "Parquet file to write: the rows for early stopping and tuning"],
    test: Annotated[Path, "Parquet file to write: the rows that nothing is fitted to"],
) -> None:
    """Send each row to the split of its event, in the file's order."""
    rows = tables.read(table)
    hashes = event_hash(rows, settings.event_id, settings.fractions.seed)
    number = assign(hashes, settings.fractions)
    with whole(train, validation, test) as parts:
        for index, part in enumerate(parts):
            chosen = rows.filter(pa.array(number == index))
            tables.write([chosen], rows.schema, part)
            logging.info("%s: %d of %d rows to %s", table, chosen.num_rows, rows.num_rows, SPLITS[index])


def assign(hashes: NDArray[np.uint64], fractions: Fractions) -> NDArray[np.int64]:
    """Return 0 for train, 1 for validation, 2 for test: where the hash, as a number in [0, 1), falls."""
    edges = np.cumsum([fractions.train, fractions.validation])
    return np.searchsorted(edges, unit_interval(hashes), side="right")


if __name__ == "__main__":
    main(split)
