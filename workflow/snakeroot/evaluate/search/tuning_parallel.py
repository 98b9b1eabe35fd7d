"""Each trial of a search as a line through all of its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Search: settings of the trials", 62
SUBJECT = "search"
READS = ("trials",)


class Shown(Searched):
    """What it shows."""


def draw(settings: Shown, trials: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw a line for each trial over an axis for each parameter, coloured by the objective.

    Objectives after the first are axes too, and the best trial is the thick line.
    """
    import numpy as np

    from snakeroot.evaluate.search import _lines, _trials

    judged = _trials.table(trials, settings)
    first, *others = settings.objective
    scales = {_trials.label(key): _trials.Scale.of(parameter) for key, parameter in settings.space.items()}
    columns = [
        [_lines.UNUSED if value is None else scale.place(value) for value in judged.points[key]]
        for key, scale in zip(settings.space, scales.values(), strict=True)
    ]
    for objective in others:
        values = judged.facts[objective].to_numpy()
        low, high = _trials.limits(values[judged.known], objective)
        scales[_trials.name_of(objective)] = scale = _trials.Scale(low, high, whole=objective in _trials.WHOLE)
        columns.append([scale.place(value) for value in np.clip(values, low, high)])
    size = (max(plotting.WIDTH, 1.6 + 1.25 * len(scales)), plotting.HEIGHT)
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    _lines.draw_axes(axes, scales, unused=any(parameter.when for parameter in settings.space.values()))
    mapped = _lines.draw_lines(axes, judged, first, np.array(columns).T)
    if judged.known.any():
        figure.colorbar(mapped, ax=axes, label=_trials.name_of(first), pad=0.02)
    axes.legend(loc="upper center", ncols=3, columnspacing=1.2, handlelength=1.5, title=_trials.title(settings.model))
    return figure, judged.numbers
