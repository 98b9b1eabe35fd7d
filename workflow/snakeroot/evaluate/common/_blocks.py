"""What images, sequences and trees look like in each class, read one row group at a time."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.data import tables
from snakeroot.data.cancellation import positive
from snakeroot.networks.inputs import Input
from snakeroot.networks.rows import numbers

if TYPE_CHECKING:
    from snakeroot.evaluate.common.block import Shown

COLUMNS = 3
"""Panels beside each other."""
BINS = 40
"""Of a histogram, at most."""

MULTIPLICITY = "number of objects"
"""Beside the names of channels, none of which has a space."""

AXES = {"η": "Pixel in η", "φ": "Pixel in φ", "row": "Pixel row", "column": "Pixel column"}
NAMES = {"η": "eta", "φ": "phi", "row": "row", "column": "column"}
"""Of an image's directions: the label of the axis, and the column of the numbers."""

Floats = NDArray[np.float64]


@dataclass
class Mean:
    """A weighted mean of images, some rows at a time."""

    weight: float = 0.0
    magnitude: float = 0.0
    total: Floats = field(default_factory=lambda: np.zeros(1))

    def add(self, images: NDArray[np.float32], weights: Floats) -> None:
        """Add images (rows, size)."""
        self.weight += float(weights.sum())
        self.magnitude += float(np.abs(weights).sum())
        # not `@`: a matrix product's last bits depend on the number of threads
        self.total = self.total + (weights[:, np.newaxis] * images).sum(axis=0)

    def image(self, shape: tuple[int, ...]) -> Floats:
        """Return the mean."""
        total = self.total / self.weight if positive(self.weight, self.magnitude) else np.zeros(1)
        return np.broadcast_to(total, (math.prod(shape),)).reshape(shape)


def draw_images(
    settings: Shown, features: Sequence[Path], groups: dict[str, str], factors: dict[str, float]
) -> tuple[Figure, pd.DataFrame]:
    """Return the mean images, a class beside the other and a channel below the other, and their pixels."""
    one = settings.input
    means = {name: Mean() for name in groups.values()}
    for sample, blocks, weights in _rows(one, features):
        means[groups[sample]].add(blocks, weights * factors[sample])
    channels = len(one.channels)
    figure = plotting.blank(1.0 + 2.9 * len(means), 0.9 + 2.6 * channels)
    grid = figure.subplots(channels, len(means), squeeze=False, sharex=True, sharey=True)
    plotting.headline(grid[0], settings, above=20.0)
    along = [AXES[direction] for direction in settings.directions]
    images = {name: mean.image(one.shape) for name, mean in means.items()}
    shown = []
    for row, channel in enumerate(one.channels):
        all_pixels = np.stack([image[row] for image in images.values()])
        positive = all_pixels[all_pixels > 0]
        low, high = (positive.min(), positive.max()) if positive.size else (0.5, 1.0)
        scale = LogNorm(max(low, 1e-5 * high), high if high > low else 2 * low)
        for axes, (name, image) in zip(grid[row], images.items(), strict=True):
            pixels = np.ma.masked_less_equal(image[row], 0)
            drawn = axes.imshow(pixels, norm=scale, origin="lower", cmap="viridis", aspect="auto")
            if row == 0:  # above, as pixels are of any shade
                place: dict[str, Any] = {
                    "xycoords": "axes fraction",
                    "textcoords": "offset points",
                    "ha": "center",
                    "va": "bottom",
                }
                axes.annotate(settings.labels.get(name, name), (0.5, 1), (0, 5), **place)
            places = np.indices(image[row].shape).reshape(2, -1)
            pixel = dict(zip(map(NAMES.get, settings.directions), places, strict=True))
            shown.append(pd.DataFrame({"channel": channel, "class": name, **pixel, "mean": image[row].ravel()}))
        figure.colorbar(drawn, ax=list(grid[row]), label=f"Mean of {channel}")
        grid[row, 0].set_ylabel(along[0])
        plotting.whole_numbers(grid[row, 0].yaxis)
    for axes in grid[-1]:
        axes.set_xlabel(along[1])
        plotting.whole_numbers(axes.xaxis)
    return figure, pd.concat(shown, ignore_index=True)


def draw_objects(
    settings: Shown, features: Sequence[Path], groups: dict[str, str], factors: dict[str, float]
) -> tuple[Figure, pd.DataFrame]:
    """Return histograms of the number of objects in a row, and of each channel over all objects; all have unit sum."""
    one = settings.input
    names = [MULTIPLICITY, *one.channels]
    limits = _limits(one, features)
    filled: dict[tuple[str, str], Any] = {}
    for sample, blocks, weights in _rows(one, features):
        for name, (values, row) in _columns(one, blocks).items():
            histogram = plotting.histogram(values, (weights * factors[sample])[row], *limits[name][:2])
            key = (name, groups[sample])
            filled[key] = filled[key] + histogram if key in filled else histogram
    figure, panels = plotting.grid(len(names), COLUMNS, (3.4, 2.7), stated=settings)
    colours = {groups[name]: colour for name, colour in reversed(plotting.of_samples(settings.samples).items())}
    classes = list(dict.fromkeys(groups.values()))
    shown, notes = [], []
    for axes, name in zip(panels, names, strict=True):
        drawn = []
        for group, dashes in zip(classes, itertools.cycle(plotting.DASHES), strict=False):
            if (name, group) in filled:
                drawn.append(plotting.fractions(filled[name, group]))
                label = settings.labels.get(group, group) if name == MULTIPLICITY else None
                plotting.draw_steps(axes, drawn[-1], label=label, color=colours[group], linestyle=dashes)
                shown.append(plotting.frame(drawn[-1], channel=name, **{"class": group}))
        notes.append(plotting.outside(drawn))
        axes.set(xlabel=name.capitalize() if name == MULTIPLICITY else name, xlim=limits[name][0])
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        if limits[name][2]:
            plotting.whole_numbers(axes.xaxis)
    for axes in panels[::COLUMNS]:
        axes.set_ylabel("Fraction")
    plotting.crown(panels, notes, loc="upper right")
    return figure, pd.concat(shown, ignore_index=True)


def _rows(one: Input, features: Sequence[Path], first: bool = False) -> Iterator[tuple[str, Any, Floats]]:
    """Yield sample, blocks (rows, size) and weights (rows,), one row group at a time; or the first of each file."""
    for path in features:
        with tables.open_parquet(path) as file:
            for number in range(min(file.num_row_groups, 1) if first else file.num_row_groups):
                group = file.read_row_group(number, ["sample", "weight", one.name])
                if group.num_rows:
                    yield group["sample"][0].as_py(), numbers(group[one.name]), numbers(group["weight"])


def _columns(one: Input, blocks: NDArray[np.float32]) -> dict[str, tuple[Any, NDArray[np.int64]]]:
    """Return the number of objects of each row and the channels of all objects, each with the rows they belong to."""
    values = blocks.reshape(len(blocks), *one.shape)
    mask = values[:, -1] > 0
    row = np.repeat(np.arange(len(blocks)), mask.sum(axis=1))
    of_objects = {name: (values[:, number][mask], row) for number, name in enumerate(one.channels)}
    return {MULTIPLICITY: (mask.sum(axis=1), np.arange(len(blocks))), **of_objects}


def _limits(one: Input, features: Sequence[Path]) -> dict[str, tuple[tuple[float, float], int, bool]]:
    """Return for each histogram its range, its number of bins and whether it is of whole numbers, from the first rows
    of each file.
    """
    some = [_columns(one, blocks) for _, blocks, _ in _rows(one, features, first=True)]
    limits = {}
    for name in (MULTIPLICITY, *one.channels):
        values = np.concatenate([columns[name][0] for columns in some] or [np.zeros(0)])
        binning = plotting.binning(values, BINS, f"{one.name}.{name}") if len(values) else ((0.0, 1.0), BINS)
        limits[name] = (*binning, plotting.are_whole(values))
    return limits
