"""Densities of points in a plane, and lines that enclose shares of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.data.cancellation import add_up

CELLS = 100
"""Along either axis."""
INSIDE = (0.68, 0.95)
"""Shares of a sample that its contours enclose."""


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
    densities = {float(falling[min(int(np.searchsorted(sums, share)), len(falling) - 1)]) for share in INSIDE}
    return sorted(densities)
