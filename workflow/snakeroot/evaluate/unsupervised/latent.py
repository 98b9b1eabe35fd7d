"""`python -m snakeroot.evaluate.unsupervised.latent`: where a model puts the rows of each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.cancellation import add_up
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.described import Described, read
from snakeroot.evaluate.unsupervised.settings import Described as Settings

CELLS, BINS, POINTS = 100, 50, 250
MARGIN = 0.15
"""Of the range, added on either side, so that contours close."""
INSIDE = (0.68, 0.95)
"""Shares of a sample that its contours enclose."""


def make(
    settings: Settings,
    predictions: Annotated[Path, "predictions of the test split (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw density contours and some rows of each sample in the plane of the first two coordinates.

    Raises:
        SnakerootError: if the model finds no coordinates.
    """
    stem = plotting.stem(figure)
    found = read(predictions, "test", settings.model.name)
    if not found.coordinates[0].shape[1]:
        raise SnakerootError(f"{predictions}: model {settings.model.name} finds no coordinates")
    with plotting.style():
        drawn, numbers = draw(settings, found)
    plotting.save(drawn, stem, numbers)


def draw(settings: Settings, found: Described) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its numbers, of the first network: densities in cells, or of one coordinate in bins."""
    rows = found.of_first()
    coordinates, weight, sample = found.coordinates[0][rows], found.weight[rows], found.sample[rows]
    plane = coordinates.shape[1] > 1
    size = (6.4, 5.6) if plane else (plotting.WIDTH, plotting.HEIGHT)
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    shown = [one for one in settings.samples if one.name in found.samples]
    limits = [wider(plotting.span(column, "coordinate")) for column in coordinates.T[:2]]
    random = np.random.default_rng(settings.seed)
    numbers, filled, beyond = [], [], []
    colours = plotting.of_samples(settings.samples)
    for one in shown:
        colour = colours[one.name]
        label = plotting.checked(one.label, f"evaluation.labels.{one.name}")
        own = sample == found.samples.index(one.name)
        if plane:
            chosen = np.sort(random.choice(np.flatnonzero(own), min(POINTS, int(own.sum())), replace=False))
            axes.scatter(
                coordinates[chosen, 0],
                coordinates[chosen, 1],
                s=7,
                color=colour,
                alpha=0.45,
                linewidth=0,
                rasterized=True,
            )
            cells = density(coordinates[own, :2], weight[own], limits)
            inside = [
                plotting.within(column, np.linspace(*ends, CELLS + 1))
                for column, ends in zip(coordinates[own, :2].T, limits, strict=True)
            ]
            outside = weight[own][~np.all(inside, axis=0)].sum()
            beyond.append(float(outside) / (float(weight[own].sum()) or 1.0))
            contours(axes, cells, colour)
            axes.plot([], [], color=colour, label=label)
            numbers.append(cells.assign(sample=one.name))
        else:
            filled.append(plotting.fractions(plotting.histogram(coordinates[own, 0], weight[own], limits[0], BINS)))
            plotting.draw_steps(axes, filled[-1], color=colour, label=label)
            numbers.append(plotting.frame(filled[-1], sample=one.name))
    if plane:
        axes.set(xlabel="Coordinate 1", ylabel="Coordinate 2", xlim=limits[0], ylim=limits[1])
    else:
        axes.set(xlabel="Coordinate", ylabel=f"Fraction of {settings.rows} / bin", xlim=limits[0])
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    note = plotting.not_shown({f"of the {settings.rows}": beyond}) if plane else plotting.outside(filled)
    plotting.crown([axes], [note], loc="upper right", title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def wider(limits: tuple[float, float]) -> tuple[float, float]:
    """Return the range with a margin on either side."""
    low, high = limits
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def density(points: plotting.Floats, weight: plotting.Floats, limits: list[tuple[float, float]]) -> pd.DataFrame:
    """Return the smoothed share of the weight in each cell of the plane, a row each; those with nothing are left out.

    There is no row if the weights do not add up to more than nothing.

    The width of the Gaussian that it is smoothed with follows Scott's rule, σ n^(-1/6) along either axis (D. W. Scott,
    Multivariate Density Estimation, 1992), for the effective number of rows n.

    Args:
        points: (n, 2).
        limits: of both coordinates.
    """
    if not add_up(weight):
        return pd.DataFrame(columns=["coordinate_1", "coordinate_2", "share"], dtype=np.float64)
    edges = [np.linspace(*ends, CELLS + 1) for ends in limits]
    sums: plotting.Floats = np.histogram2d(points[:, 0], points[:, 1], bins=edges, weights=weight)[0]
    effective = max(weight.sum() ** 2 / (weight**2).sum(), 1.0)
    steps = np.arange(1 - CELLS // 2, CELLS // 2)  # an odd number, or it would shift
    for axis, ends in enumerate(edges):
        spread = (points[:, axis].clip(ends[0], ends[-1]).std() or 0.0) / (ends[1] - ends[0])
        kernel = np.exp(-0.5 * (steps / max(spread * effective ** (-1 / 6), 1.0)) ** 2)
        sums = np.apply_along_axis(np.convolve, axis, sums, kernel / kernel.sum(), "same")
    shares = sums / weight.sum()
    x, y = np.meshgrid(*((ends[:-1] + ends[1:]) / 2 for ends in edges), indexing="ij")
    cells = pd.DataFrame({"coordinate_1": x.ravel(), "coordinate_2": y.ravel(), "share": shares.ravel()})
    return cells[cells["share"] > 1e-6]


def contours(axes: Axes, cells: pd.DataFrame, colour: str) -> None:
    """Draw the lines of equal density that enclose the shares `INSIDE` of a sample."""
    if cells["share"].nunique() < 3:
        return
    grid = cells.pivot_table(index="coordinate_2", columns="coordinate_1", values="share", fill_value=0.0)
    if min(grid.shape) < 2:
        return
    levels = enclosing(cells["share"].to_numpy())
    axes.contour(grid.columns, grid.index, grid.to_numpy(), levels=levels, colors=colour, linewidths=(1.0, 1.8))


def enclosing(shares: NDArray[np.float64]) -> list[float]:
    """Return the densities above which lie the shares `INSIDE` of all that is there, rising."""
    falling = np.sort(shares)[::-1]
    sums = np.cumsum(falling) / falling.sum()
    found = {float(falling[min(int(np.searchsorted(sums, share)), len(falling) - 1)]) for share in INSIDE}
    return sorted(found)


if __name__ == "__main__":
    main(make)
