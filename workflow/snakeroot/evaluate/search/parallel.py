"""`python -m snakeroot.evaluate.search.parallel`: each trial of a search as a line through all of its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.search import trials
from snakeroot.evaluate.search.settings import Search
from snakeroot.tune.settings import Objective

UNUSED = -0.15
"""Where the line of a trial passes an axis whose setting does not count for it."""

FAILED: dict[str, Any] = {"color": trials.FAILED, "linestyle": ":", "linewidth": 1.0}


def make(
    settings: Search,
    history: Annotated[Path, "all trials (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw a line for each trial over an axis for each parameter, coloured by the objective."""
    stem = plotting.stem(figure)
    found = trials.read(history, settings)
    with plotting.style():
        drawn = draw(settings, found)
    plotting.save(drawn, stem, found.numbers)


def draw(settings: Search, found: trials.Trials) -> Figure:
    """Return the figure; objectives after the first are axes too, and the best trial is the thick line."""
    first, *others = settings.objective
    scales = {trials.label(key): trials.Scale.of(parameter) for key, parameter in settings.space.items()}
    columns = [
        [UNUSED if value is None else scale.place(value) for value in found.points[key]]
        for key, scale in zip(settings.space, scales.values(), strict=True)
    ]
    for objective in others:
        values = found.facts[objective].to_numpy()
        low, high = trials.limits(values[found.known], objective)
        scales[trials.NAMES[objective]] = scale = trials.Scale(low, high, whole=objective in trials.WHOLE)
        columns.append([scale.place(value) for value in np.clip(values, low, high)])
    size = (max(plotting.WIDTH, 1.6 + 1.25 * len(scales)), plotting.HEIGHT)
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    draw_axes(axes, scales, unused=any(parameter.when for parameter in settings.space.values()))
    mapped = draw_lines(axes, found, first, np.array(columns).T)
    if found.known.any():
        figure.colorbar(mapped, ax=axes, label=trials.NAMES[first], pad=0.02)
    axes.legend(loc="upper center", ncols=3, columnspacing=1.2, handlelength=1.5, title=trials.title(settings))
    return figure


def draw_axes(axes: Axes, scales: dict[str, trials.Scale], *, unused: bool) -> None:
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


def draw_lines(axes: Axes, found: trials.Trials, objective: Objective, heights: trials.Floats) -> ScalarMappable:
    """Draw a line through the heights (trials, axes) of each trial, the best on top, and return the colours' scale."""
    values, places = found.facts[objective].to_numpy(), np.arange(heights.shape[1])
    low, high = trials.limits(values[found.known], objective)
    scale = trials.shades(low, high)
    lines = [np.column_stack([places, line]) for line in heights]
    failed = [line[np.isfinite(line[:, 1])] for line, known in zip(lines, found.known, strict=True) if not known]
    axes.add_collection(LineCollection(failed, zorder=1, **FAILED))
    order = np.argsort(values if not trials.minimised(objective) else -values, kind="stable")
    order = order[found.known[order]]
    shades = scale.to_rgba(values[order])
    shades[:, 3] = np.where(found.pruned[order], trials.FAINT, 0.8)
    axes.add_collection(LineCollection([lines[row] for row in order], colors=shades, zorder=2))
    if (best := found.best(objective)) is not None:
        axes.plot(*lines[best].T, color=trials.BEST, linewidth=3, zorder=2.5, label=f"best: trial {best}")
    if found.pruned.any():
        axes.plot([], [], color="black", alpha=trials.FAINT, label=f"stopped early ({found.pruned.sum()})")
    if failed:
        axes.plot([], [], label=f"failed ({len(failed)})", **FAILED)
    return scale


if __name__ == "__main__":
    main(make)
