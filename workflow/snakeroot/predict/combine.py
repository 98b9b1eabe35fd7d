"""`python -m snakeroot.predict.combine`: the predictions of all networks of a model, as one table for each split."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.networks.objectives import SIGMA
from snakeroot.predict.combine_settings import CombineSettings

Floats = NDArray[np.float64]

ROW = ("sample", "part", "entry", "object")
"""What a row of predictions is known by, the last only where rows are objects of an entry."""


def combine(
    settings: CombineSettings,
    predictions: Annotated[list[Path], "Parquet files of the networks, by split, fold and replica"],
    combined: Annotated[list[Path], "Parquet file to write of each split"],
) -> None:
    """Put the rows of all folds one below the other, with the scores of a fold's replicas and their mean side by side.

    With several folds, the rows of the test split are all events, each once, scored by networks that have not seen it.
    """
    of_splits = _parts(predictions, len(predictions) // len(combined))
    for path, networks in zip(combined, of_splits, strict=True):
        of_folds = _parts(networks, settings.replicas)
        folds = (of_fold(fold, files) for fold, files in enumerate(of_folds))
        first = next(folds)
        tables.write(itertools.chain([first], folds), first.schema, path)
        logging.info("%s: %d folds, %d replicas", path, len(of_folds), settings.replicas)


def _parts(files: Sequence[Path], size: int) -> list[Sequence[Path]]:
    return [files[first : first + size] for first in range(0, len(files), size)]


def of_fold(fold: int, replicas: Sequence[Path]) -> pa.Table:
    """Return the predictions of a fold's replicas side by side.

    The columns are those of predictions up to `target`, `fold` (int8), `weight`, and for each thing predicted, as
    `score`: `score_0` … of each replica, `score`, which is their mean, and with several replicas `score_spread`, their
    standard deviation (over n - 1). Of `sigma` it is not the mean but that of the replicas' mixture, see `total`;
    quantiles are averaged.

    Raises:
        SnakerootError: if two replicas have not the same rows in the same order.
    """
    predictions = [tables.read_all([path]) for path in replicas]
    known = [name for name in ROW if name in predictions[0].column_names]
    rows = predictions[0].select(known)
    for path, table in zip(replicas, predictions, strict=True):
        if not table.select(known).equals(rows):
            raise SnakerootError(f"{path}: its rows are not those of {replicas[0]}; delete both and run again")
    names = predictions[0].column_names
    predicted = names[names.index("weight") + 1 :]
    table = predictions[0].drop_columns(["weight", *predicted])
    table = table.append_column("fold", pa.array(np.full(table.num_rows, fold, np.int8)))
    table = table.append_column("weight", predictions[0]["weight"])
    of_means = np.empty((0, 0))  # of the column before
    for name in predicted:
        values = np.stack([replica[name].to_numpy() for replica in predictions])
        for replica, of_replica in enumerate(values):
            table = table.append_column(f"{name}_{replica}", pa.array(of_replica))
        together = total(of_means, values) if name == SIGMA else values.mean(axis=0)
        of_means = values
        table = table.append_column(name, pa.array(together))
        if len(values) > 1:
            table = table.append_column(f"{name}_spread", pa.array(values.std(axis=0, ddof=1)))
    return table


def total(means: Floats, sigmas: Floats) -> Floats:
    """Return the standard deviation (n,) of an even mixture of normal distributions, their parameters (replicas, n).

    B. Lakshminarayanan et al., Simple and scalable predictive uncertainty estimation using deep ensembles, NIPS 2017.
    """
    if len(means) == 1:
        return np.asarray(sigmas[0])
    return np.asarray(np.sqrt((sigmas**2).mean(axis=0) + means.var(axis=0)))


if __name__ == "__main__":
    main(combine)
