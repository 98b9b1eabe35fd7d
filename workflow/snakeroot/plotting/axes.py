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
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.plotting.saving import HEIGHT, WIDTH, lay_out
from snakeroot.plotting.settings import Headline

NOTE, MARGIN = 9.0, 8.0
"""Points: the size of what is said about what is not shown, and the room of a tick at the edge of the axes."""


def small(lines: int) -> float:
    """Return the size in points of a legend's text, smaller if it has many lines."""
    return 11.0 if lines <= 4 else 9.5


def panels(
    *heights: float, size: tuple[float, float] = (WIDTH, HEIGHT), stated: Headline | None
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `size` (inches) with panels of these relative heights, one below the other on one x axis.

    Above the first stands the headline.
    """
    figure = Figure(figsize=size)
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
    figure = Figure(figsize=(across * size[0], down * size[1]))
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
    figure = Figure(figsize=(across * size[0], down * size[1] + 0.4))
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for empty in axes[count:]:
        empty.set_visible(False)
    headline(axes[:across], stated)
    return figure, axes[:count]


def headline(row: Sequence[Axes], stated: Headline | None) -> None:
    """State above the row whose events it shows and, where known, luminosity (fb⁻¹) and energy (TeV).

    As is usual, the experiment's name is bold, and what follows it ("Simulation", "Preliminary") italic.
    """
    if stated is None:
        return
    names = ("experiment", "origin", "status")
    experiment, *said = (checked(getattr(stated, name), f"evaluation.{name}") for name in names)
    italic = " ".join(filter(None, said))
    first = row[0].set_title(experiment or italic, loc="left")
    first.set(**({"fontweight": "bold"} if experiment else {"fontstyle": "italic"}))
    left = [first]
    if experiment and italic:
        beside: dict[str, Any] = {"xycoords": first, "textcoords": "offset points", "va": "bottom"}
        size = first.get_fontsize()
        left.append(row[0].annotate(italic, (1, 0), (5, 0), fontstyle="italic", fontsize=size, **beside))
    parts = [f"{stated.luminosity:g} $\\mathrm{{fb}}^{{-1}}$"] if stated.luminosity else []
    if stated.energy:
        parts.append(f"({stated.energy:g} TeV)" if parts else f"{stated.energy:g} TeV")
    right = row[-1].set_title(" ".join(parts), loc="right")
    wanted = sum(text.get_window_extent().width for text in (*left, right))
    if parts and wanted > row[-1].bbox.x1 - row[0].bbox.x0:
        right.set_text(f"{right.get_text()}\n")  # a line higher


def checked(label: str, key: str) -> str:
    """Return `label` when its `$…$` can be typeset; else raise a SnakerootError that names the config's `key`."""
    try:
        MathTextParser("path").parse(label)
    except (ValueError, RecursionError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise SnakerootError(f"{key}: the label {label!r} is not valid math between its $ signs ({reason})") from error
    return label


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
    lay_out(figure)
    for axes, note in zip(row, chain(notes, repeat("")), strict=False):
        height, taken = axes.bbox.height, 0.0
        margin = MARGIN * figure.dpi / 72 / height
        if note:
            text = axes.text(0.5, 1 - margin, note, transform=axes.transAxes, ha="center", va="top", fontsize=NOTE)
            taken = text.get_window_extent().height / height + margin
        if axes.get_legend_handles_labels()[0]:
            legend = axes.legend(bbox_to_anchor=(0, 0, 1, 1 - taken), **look)
            taken += legend.get_window_extent().height / height + 2 * margin
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
