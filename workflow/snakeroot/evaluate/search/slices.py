"""`python -m snakeroot.evaluate.search.slices`: the objectives of a search against each of its parameters."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator, StrMethodFormatter

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.search import trials
from snakeroot.evaluate.search.settings import Search
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter

ACROSS = 3
"""Panels beside each other."""


def make(
    settings: Search,
    history: Annotated[Path, "all trials (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the objective against each parameter, for the trials for which the parameter counts."""
    stem = plotting.stem(figure)
    found = trials.read(history, settings)
    with plotting.style():
        drawn = draw(settings, found)
    plotting.save(drawn, stem, found.numbers)


def draw(settings: Search, found: trials.Trials) -> Figure:
    """Return the figure: a panel for each parameter, and for each objective a block of them."""
    across = min(ACROSS, len(settings.space))
    rows = math.ceil(len(settings.space) / across)
    size = (max(plotting.WIDTH, 1.4 + 2.7 * across), 0.8 + 2.7 * rows * len(settings.objective))
    figure = Figure(figsize=size)
    grid = figure.subplots(rows * len(settings.objective), across, squeeze=False)
    for axes in grid.flat:
        axes.set_visible(False)
    shades = trials.shades(0, max(1, len(found.facts) - 1))
    for block, objective in enumerate(settings.objective):
        for number, (key, parameter) in enumerate(settings.space.items()):
            row, column = divmod(number, across)
            axes = grid[block * rows + row, column]
            axes.set_visible(True)
            draw_panel(axes, found, objective, key, parameter, shades)
            if column:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
    plotting.headline(grid[0], settings)
    grid[0, -1].set_title(trials.title(settings), loc="right")
    bar = figure.colorbar(shades, ax=grid, label="Trial", pad=0.02, aspect=30)
    bar.locator = MaxNLocator(integer=True)
    bar.minorticks_off()
    return figure


def draw_panel(
    axes: Axes, found: trials.Trials, objective: Objective, key: str, parameter: Parameter, shades: ScalarMappable
) -> None:
    """Draw an objective against a parameter; a trial's number is its colour."""
    facts, known = found.facts, found.known
    trials.prepare(axes, facts.loc[known, objective].to_numpy(), objective)
    used = found.points[key].notna().to_numpy()
    x = np.array([place(parameter, value) for value in found.points.loc[used, key]], np.float64)
    if parameter.choices is not None:  # many trials have the same: spread them, by number and not at random
        x = x + 0.3 * ((facts.loc[used, "number"].to_numpy() * 0.618034) % 1 - 0.5)
    y, good = facts.loc[used, objective].to_numpy(), known[used]
    colours = shades.to_rgba(facts.loc[used, "number"].to_numpy(np.float64)[good])
    trials.draw_points(axes, x[good], y[good], colours, faint=found.pruned[used][good], s=26)
    draw_scale(axes, key, parameter)
    trials.draw_failed(axes, x[~good])
    best = found.best(objective)
    if best is not None and used[best]:
        at = [x[used[:best].sum()]], [facts.loc[best, objective]]
        axes.scatter(*at, marker="o", s=110, facecolor="none", edgecolor=trials.BEST, linewidth=1.8, zorder=5)


def place(parameter: Parameter, value: Any) -> float:
    """Return where a value is on the x axis: the number, or the choice's number."""
    if parameter.choices is None:
        return float(value)
    scale = trials.Scale.of(parameter)
    return scale.place(value) * scale.high if len(parameter.choices) > 1 else 0.0


def draw_scale(axes: Axes, key: str, parameter: Parameter) -> None:
    """Name the x axis and give it the whole range of the parameter."""
    axes.set_xlabel(trials.label(key))
    if parameter.choices is not None:
        texts = [trials.plain(choice) for choice in parameter.choices]
        crowded = sum(map(len, texts)) > 20
        axes.set_xticks(range(len(texts)), texts, rotation=30 if crowded else 0, ha="right" if crowded else "center")
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(-0.5, len(texts) - 0.5)
        return
    low, high = parameter.uniform or parameter.integer or (0, 1)
    if parameter.log:
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())  # labels of every minor tick overlap
        if high / low < 100:  # powers of ten alone would be too few
            axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        margin = (high / low) ** 0.05
        axes.set_xlim(low / margin, high * margin)
    else:
        axes.set_xlim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=parameter.integer is not None, min_n_ticks=1))
    if parameter.integer is not None and not parameter.log:
        axes.xaxis.set_minor_locator(NullLocator())


if __name__ == "__main__":
    main(make)
