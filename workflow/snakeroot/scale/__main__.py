"""`python -m snakeroot.scale`: the train split of one fold to its scaling."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from snakeroot import tables
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.files import write_json
from snakeroot.rows import matrix
from snakeroot.scale.settings import ScaleSettings


def scale(
    settings: ScaleSettings,
    train: Annotated[list[Path], "Parquet files of the train split"],
    scaling: Annotated[Path, "JSON file to write: mean and standard deviation by feature"],
) -> None:
    """Fit the scaling, one part at a time. Unweighted: it conditions the numbers, whatever the cross-sections."""
    count, mean, deviation = moments(matrix(tables.read(path, settings.features), settings.features) for path in train)
    if count == 0:
        raise SnakerootError("the train split is empty: add events, or give train a larger fraction")
    for index in np.flatnonzero(deviation == 0):
        logging.warning("the feature %r is constant: it cannot help", settings.features[index])
    write_json(describe(settings.features, mean, deviation), scaling)


def moments(parts: Iterable[NDArray[np.float32]]) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Return rows, means and standard deviations (over N) of arrays of shape (rows, features), one array at a time.

    Means and sums of squares are merged pairwise (Chan, Golub, LeVeque, 1979), so that nothing cancels.
    """
    count, mean, squares = 0, np.zeros(1), np.zeros(1)
    for part in parts:
        rows = len(part)
        if rows == 0:
            continue
        values = part.astype(np.float64)
        part_mean = values.mean(axis=0)
        step = part_mean - mean
        squares = squares + ((values - part_mean) ** 2).sum(axis=0) + step**2 * (count * rows / (count + rows))
        mean = mean + step * (rows / (count + rows))
        count += rows
    return count, mean, np.sqrt(squares / max(count, 1))


def describe(
    names: Sequence[str], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> dict[str, dict[str, float]]:
    """Return the scaling by feature; a constant feature is shifted to 0 and not stretched."""
    return {
        name: {"mean": float(m), "standard_deviation": float(s) if s > 0 else 1.0}
        for name, m, s in zip(names, mean, deviation, strict=True)
    }


if __name__ == "__main__":
    main(scale)
