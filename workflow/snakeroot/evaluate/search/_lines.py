"""Upright axes beside each other, and a line for each trial through all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.ticker import NullLocator

from snakeroot.evaluate.search import _trials
from snakeroot.tune.settings import Objective

UNUSED = -0.15
"""Where the line of a trial passes an axis whose setting does not count for it."""

FAILED: dict[str, Any] = {"color": _trials.FAILED, "linestyle": ":", "linewidth": 1.0}


def draw_axes(axes: Axes, scales: dict[str, _trials.Scale], *, unused: bool) -> None:
    """Draw an upright axis for each parameter, with its name below and its values beside it."""
    halo = [patheffects.withStroke(linewidth=2.5, foreground="white")]
    for number, scale in enumerate(scales.values()):
        axes.plot([number, number], [UNUSED if unused else 0, 1], color="black", linewidth=1.0, zorder=3)
        ticks = scale.ticks()
        axes.scatter([number] * len(ticks), list(ticks), marker="_", s=50, color="black", linewidth=1, zorder=4)
        for place, text in ticks.items():
            look: dict[str, Any] = {"fontsize": 10, "va": "center", "path_effects": halo, "zorder": 6}
            axes.annotate(text, (number, place), (6, 0), textcoords="offset points", **look)
    names = [name.replace(" ", "\n") for name in scales]
    axes.set_xticks(range(len(scales)), names, fontsize=11)
    axes.tick_params(axis="x", which="both", length=0)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_yticks([UNUSED] if unused else [], ["not\nused"] if unused else [], fontsize=11)
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(-0.15, len(scales) - 0.45), ylim=(UNUSED - 0.07 if unused else -0.07, 1.3))
    axes.spines[:].set_visible(False)


def draw_lines(axes: Axes, trials: _trials.Trials, objective: Objective, heights: _trials.Floats) -> ScalarMappable:
    """Draw a line through the heights (trials, axes) of each trial, the best on top, and return the colours' scale."""
    values, places = trials.facts[objective].to_numpy(), np.arange(heights.shape[1])
    low, high = _trials.limits(values[trials.known], objective)
    scale = _trials.shades(low, high)
    lines = [np.column_stack([places, line]) for line in heights]
    failed = [line[np.isfinite(line[:, 1])] for line, known in zip(lines, trials.known, strict=True) if not known]
    axes.add_collection(LineCollection(failed, zorder=1, **FAILED))
    order = np.argsort(values if not _trials.minimised(objective) else -values, kind="stable")
    order = order[trials.known[order]]
    shades = scale.to_rgba(values[order])
    shades[:, 3] = np.where(trials.pruned[order], _trials.FAINT, 0.8)
    axes.add_collection(LineCollection([lines[row] for row in order], colors=shades, zorder=2))
    if (best := trials.best(objective)) is not None:
        axes.plot(*lines[best].T, color=_trials.BEST, linewidth=3, zorder=2.5, label=f"best: trial {best}")
    if trials.pruned.any():
        axes.plot([], [], color="black", alpha=_trials.FAINT, label=f"stopped early ({trials.pruned.sum()})")
    if failed:
        axes.plot([], [], label=f"failed ({len(failed)})", **FAILED)
    return scale
