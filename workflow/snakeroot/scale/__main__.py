"""`python -m snakeroot.scale`: the train split of one fold to its scaling."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.networks.inputs import Input
from snakeroot.networks.others import target
from snakeroot.networks.rows import numbers
from snakeroot.scale.settings import ScaleSettings

Floats = NDArray[np.float64]


def scale(
    settings: ScaleSettings,
    train: Annotated[list[Path], "Parquet files of the train split"],
    scaling: Annotated[Path, "JSON file to write: mean and standard deviation of each channel of each input"],
) -> None:
    """Fit the scaling, one part at a time. Unweighted: it conditions the numbers, whatever the cross-sections.

    Raises:
        SnakerootError: if there is nothing to fit it to, or a target that is the same for all.
    """
    of_inputs = {one.name: of_input(one, train) for one in settings.inputs}
    write_json(of_inputs | {target(name): of_target(name, train) for name in settings.targets}, scaling)


def of_input(one: Input, train: Sequence[Path]) -> dict[str, list[float]]:
    """Return mean and standard deviation of each channel, over all rows and positions that are not masked.

    An image keeps its zeros: it is divided by the root mean square of its pixels, and not shifted. A channel that is
    constant is not stretched. Of an input that may be missing these are of the rows in which it is not, with their
    median, and the number of the rows in which it is.
    """
    parts = (channels(one, numbers(tables.read(path, [one.name])[one.name])) for path in train)
    if one.missing:
        return of_known(one, np.concatenate([np.empty((0, 1), np.float32), *parts]))
    count, mean, deviation = moments(parts)
    return of_moments(one, count, mean, deviation)


def of_known(one: Input, rows: NDArray[np.float32]) -> dict[str, list[float]]:
    """Return the scaling of an input that may be missing, from all its rows (n, 1)."""
    known = rows[~np.isnan(rows[:, 0])]
    if len(rows) and not len(known):
        raise SnakerootError(f"{one.name!r} is missing in all {len(rows)} rows of the train split: leave it out")
    scaling = of_moments(one, *moments([known]))
    return scaling | {"median": [float(np.median(known.astype(np.float64)))], "missing": [len(rows) - len(known)]}


def of_target(name: str, train: Sequence[Path]) -> dict[str, list[float]]:
    """Return mean and standard deviation of a target beside the main one, over the rows in which it is known."""
    column = target(name)
    parts = (numbers(tables.read(path, [column])[column]) for path in train)
    count, mean, deviation = moments(part[np.isfinite(part), np.newaxis] for part in parts)
    if count == 0:
        raise SnakerootError(
            f"auxiliary.{name} is known of no row of the train split: check 'target', 'samples' and 'missing'"
        )
    if deviation[0] == 0:
        text = f"all {count} targets in the train split are the same, {mean[0]:g}: nothing can be learned"
        raise SnakerootError(f"auxiliary.{name}: {text}")
    return {"mean": mean.tolist(), "standard_deviation": deviation.tolist()}


def of_moments(one: Input, count: int, mean: Floats, deviation: Floats) -> dict[str, list[float]]:
    """Return the scaling of an input from the moments of so many numbers of each channel."""
    if count == 0:
        what = f"{one.name!r} has nothing in it in the train split" if one.masked else "the train split is empty"
        raise SnakerootError(f"{what}: add events, or give train a larger fraction")
    if one.kind == "image":
        mean, deviation = np.zeros_like(mean), np.hypot(mean, deviation)
    if one.name == "target" and deviation[0] == 0:
        raise SnakerootError(
            f"all {count} targets in the train split are the same, {mean[0]:g}: nothing can be learned; check `target`"
        )
    for index in np.flatnonzero(deviation == 0):
        channel = one.name if one.kind == "scalar" else f"{one.name}: {one.channels[index]}"
        logging.warning("the feature %r is constant: it cannot help", channel)
    return {"mean": mean.tolist(), "standard_deviation": np.where(deviation > 0, deviation, 1.0).tolist()}


def channels(one: Input, rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the numbers of rows (n, size) that count, channel by channel: (numbers, channels)."""
    if one.kind == "scalar":
        return rows[:, np.newaxis]
    blocks = rows.reshape(len(rows), one.shape[0], -1).transpose(0, 2, 1)
    return blocks[blocks[:, :, -1] > 0 if one.masked else ...][..., : len(one.channels)].reshape(-1, len(one.channels))


def moments(parts: Iterable[NDArray[np.float32]]) -> tuple[int, Floats, Floats]:
    """Return rows, means and standard deviations (over N) of arrays of shape (rows, channels), one array at a time.

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


if __name__ == "__main__":
    main(scale)
