"""Panels, what is stated above them, their labels, ticks and legends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from snakeroot.plotting.headlines import MARGIN, checked, corner, headline
from snakeroot.plotting.saving import HEIGHT, WIDTH, blank, measurable
from snakeroot.plotting.settings import Headline

NOTE = 9.0
"""Points: the size of what is said about what is not shown."""


def small(lines: int) -> float:
    """Return the size in points of a legend's text, smaller if it has many lines."""
    return 11.0 if lines <= 4 else 9.5


def panels(
    *heights: float, size: tuple[float, float] = (WIDTH, HEIGHT), stated: Headline | None
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `size` (inches) with panels of these relative heights, one below the other on one x axis.

    Above the first stands the headline.
    """
    figure = blank(*size)
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    axes = list(grid[:, 0])
    headline(axes[:1], stated)
    figure.align_ylabels(axes)
    return figure, axes


def pairs(
    count: int, heights: tuple[float, float], size: tuple[float, float], *, stated: Headline | None
) -> tuple[Figure, list[tuple[Axes, Axes]]]:
    """Return a figure with so many pairs of panels of these relative heights, one above the other on one x axis.

    At most two pairs of `size` (inches) are beside each other; above the first stands the headline.
    """
    across = min(count, 2)
    down = math.ceil(count / across)
    figure = blank(across * size[0], down * size[1])
    axes = figure.subplots(2 * down, across, squeeze=False, height_ratios=heights * down)
    every = [(axes[2 * row, column], axes[2 * row + 1, column]) for row in range(down) for column in range(across)]
    for upper, lower in every:
        upper.sharex(lower)
        upper.tick_params(labelbottom=False)
        if (upper, lower) in every[count:]:
            upper.set_visible(False)
            lower.set_visible(False)
    headline(axes[0], stated)
    return figure, every[:count]


def grid(count: int, across: int, size: tuple[float, float], *, stated: Headline | None) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels of `size` (inches), at most `across` beside each other, headline above."""
    across = min(across, count)
    down = math.ceil(count / across)
    figure = blank(across * size[0], down * size[1] + 0.4)
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for empty in axes[count:]:
        empty.set_visible(False)
    headline(axes[:across], stated)
    return figure, axes[:count]


def axis_label(label: str, unit: str, feature: str) -> str:
    """Return "label [unit]", or the label of what has no unit, both checked."""
    label = checked(label, f"evaluation.axes.{feature}.label")
    return f"{label} [{checked(unit, f'evaluation.axes.{feature}.unit')}]" if unit else label


def counted(amount: float, rows: str) -> str:
    """Return "1,234 events", or what the rows are called, with three digits below 1000."""
    return f"{amount:.3g} {rows}" if abs(amount) < 1000 else f"{amount:,.0f} {rows}"


def whole_numbers(axis: Axis) -> None:
    """Have ticks at whole numbers only."""
    axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axis.set_minor_locator(NullLocator())


def decades(axes: Axes, *values: Any) -> None:
    """Make the y axis logarithmic if all values are above zero and span more than a factor of ten."""
    numbers = np.concatenate([np.asarray(one, dtype=np.float64).ravel() for one in values])
    numbers = numbers[np.isfinite(numbers)]
    if numbers.size and 0 < 10 * numbers.min() < numbers.max():
        axes.set_yscale("log")


def crown(row: Sequence[Axes], notes: Sequence[str] = (), **look: Any) -> None:
    """Put its note, if there is one, and the legend of what has labels at the top of each panel, and all else below.

    To be called last, as it measures.

    Args:
        look: of the legends, as matplotlib has it.
    """
    figure: Any = row[0].get_figure(root=True)
    measurable(figure)
    for axes, note in zip(row, chain(notes, repeat("")), strict=False):
        height, taken = axes.bbox.height, 0.0
        margin = MARGIN * figure.dpi / 72 / height
        label = corner(axes)
        below = (axes.bbox.y1 - label.y0) / height if label else 0.0
        if note:
            text = axes.text(0.5, 1 - margin, note, transform=axes.transAxes, ha="center", va="top", fontsize=NOTE)
            if label and text.get_window_extent().overlaps(label):
                taken = below
                text.set_y(1 - taken - margin)
            taken += text.get_window_extent().height / height + margin
        if look.get("handles") or axes.get_legend_handles_labels()[0]:
            legend = axes.legend(bbox_to_anchor=(0, 0, 1, 1 - taken), **look)
            if label and legend.get_window_extent().overlaps(label):
                taken = max(taken, below)
                legend.set_bbox_to_anchor((0, 0, 1, 1 - taken), transform=axes.transAxes)
            taken += legend.get_window_extent().height / height + 2 * margin
        taken = max(taken, below and below + margin)
        if taken:
            headroom(axes, min(taken, 0.75))


def headroom(axes: Axes, share: float) -> None:
    """Leave the upper `share` of the axes free."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "log":
        axes.set_ylim(low, low * (high / low) ** (1 / (1 - share)))
    else:
        axes.set_ylim(low, low + (high - low) / (1 - share))


def thin(x: NDArray[np.float64], y: NDArray[np.float64], most: int = 500) -> NDArray[np.intp]:
    """Return at most about `most` indices of a curve's points, evenly along its length, first and last included.

    `x` and `y`, (n,), are in units of the drawn panel (log where the axis is), finite. Points are dropped, not moved.
    """
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    return np.unique(np.append(np.searchsorted(way, np.linspace(0.0, way[-1], most - 1)), [0, len(x) - 1]))


def log_floor(values: Sequence[NDArray[Any]]) -> float:
    """Return where a logarithmic y axis should start: half the smallest positive value, 1e-3 if there is none."""
    positive = np.concatenate([np.asarray(value)[np.asarray(value) > 0] for value in values])
    return float(positive.min()) / 2 if positive.size else 1e-3
