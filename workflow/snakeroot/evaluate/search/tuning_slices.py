"""The objectives of a search against each of its parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Search: setting by setting", 64
SUBJECT = "search"
READS = ("trials",)

ACROSS = 3
"""Panels beside each other."""


class Shown(Searched):
    """What it shows."""


def draw(settings: Shown, trials: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw the objective against each parameter, for the trials for which the parameter counts.

    There is a panel for each parameter, and for each objective a block of them.
    """
    from matplotlib.ticker import MaxNLocator

    from snakeroot.evaluate.search import _slices, _trials

    judged = _trials.table(trials, settings)
    across = min(ACROSS, len(settings.space))
    rows = math.ceil(len(settings.space) / across)
    size = (max(plotting.WIDTH, 1.4 + 2.7 * across), 0.8 + 2.7 * rows * len(settings.objective))
    figure = plotting.blank(*size)
    grid = figure.subplots(rows * len(settings.objective), across, squeeze=False)
    for axes in grid.flat:
        axes.set_visible(False)
    shades = _trials.shades(0, max(1, len(judged.facts) - 1))
    for block, objective in enumerate(settings.objective):
        for number, (key, parameter) in enumerate(settings.space.items()):
            row, column = divmod(number, across)
            axes = grid[block * rows + row, column]
            axes.set_visible(True)
            _slices.draw_panel(axes, judged, objective, key, parameter, shades)
            if column:
                axes.set_ylabel("")
                axes.tick_params(labelleft=False)
    plotting.headline(grid[0], settings)
    grid[0, -1].set_title(_trials.title(settings.model), loc="right")
    bar = figure.colorbar(shades, ax=grid, label="Trial", pad=0.02, aspect=30)
    bar.locator = MaxNLocator(integer=True)
    bar.minorticks_off()
    return figure, judged.numbers
