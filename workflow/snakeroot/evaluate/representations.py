"""What unsupervised networks say of each row: how badly they describe it, and where it lies or what it belongs to.

Coordinates of two networks have nothing to do with each other, so neither replicas nor folds are mixed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.evaluate import resampling
from snakeroot.evaluate.predictions import check_total
from snakeroot.evaluate.resampling import Floats


@dataclass(frozen=True)
class Representations:
    """The rows of one split; weights are yields at the task's luminosity.

    Attributes:
        samples: their names, in alphabetical order.
        sample: number of the sample, (n,).
        fold, event, weight: (n,) each; `event` as of other predictions.
        errors: of each replica, (n,).
        coordinates: of each replica, (n, k).
    """

    samples: list[str]
    sample: NDArray[np.int64]
    fold: NDArray[np.int64]
    event: NDArray[np.int64]
    weight: Floats
    errors: list[Floats]
    coordinates: list[Floats]

    def of_first(self) -> NDArray[np.intp]:
        """Return the rows of the first fold."""
        return np.flatnonzero(self.fold == self.fold.min())


def read(path: Path, split: str, model: str) -> Representations:
    """Read the predictions of a split.

    Raises:
        SnakerootError: if its weights do not add up to more than zero.
    """
    names = tables.open_parquet(path).schema_arrow.names
    identity = resampling.together(names)
    replicas = sum(bool(re.fullmatch(r"error_\d+", name)) for name in names)
    count = sum(bool(re.fullmatch(r"coordinate\.\d+", name)) for name in names)
    errors = [f"error_{replica}" for replica in range(replicas)]
    coordinates = [[f"coordinate.{number}_{replica}" for number in range(count)] for replica in range(replicas)]
    wanted = [*identity, "sample", "fold", "weight", *errors, *(name for one in coordinates for name in one)]
    table = tables.read(path, wanted)
    samples, sample = np.unique(np.array(table["sample"].to_pylist(), dtype=str), return_inverse=True)
    weight = table["weight"].to_numpy()
    check_total(path, split, model, weight)
    return Representations(
        samples=samples.tolist(),
        sample=sample.astype(np.int64),
        fold=table["fold"].to_numpy().astype(np.int64),
        event=resampling.events(table.select(identity).to_pandas()),
        weight=weight,
        errors=[table[name].to_numpy() for name in errors],
        coordinates=[_together(table, one) for one in coordinates],
    )


def _together(table: pa.Table, names: Sequence[str]) -> Floats:
    empty = np.empty((table.num_rows, 0))
    return np.concatenate([empty, *(table[name].to_numpy()[:, np.newaxis] for name in names)], axis=1)
