"""An objective against one parameter, whatever the parameter's scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, NullLocator, StrMethodFormatter

from snakeroot.evaluate.search import _trials
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter


def draw_panel(
    axes: Axes, trials: _trials.Trials, objective: Objective, key: str, parameter: Parameter, shades: ScalarMappable
) -> None:
    """Draw an objective against a parameter; a trial's number is its colour."""
    facts, known = trials.facts, trials.known
    _trials.prepare(axes, facts.loc[known, objective].to_numpy(), objective)
    used = trials.points[key].notna().to_numpy()
    x = np.array([place(parameter, value) for value in trials.points.loc[used, key]], np.float64)
    if parameter.choices is not None:  # many trials have the same: spread them, by number and not at random
        x = x + 0.3 * ((facts.loc[used, "number"].to_numpy() * 0.618034) % 1 - 0.5)
    y, good = facts.loc[used, objective].to_numpy(), known[used]
    colours = shades.to_rgba(facts.loc[used, "number"].to_numpy(np.float64)[good])
    _trials.draw_points(axes, x[good], y[good], colours, faint=trials.pruned[used][good], s=26)
    draw_scale(axes, key, parameter)
    _trials.draw_failed(axes, x[~good])
    best = trials.best(objective)
    if best is not None and used[best]:
        at = [x[used[:best].sum()]], [facts.loc[best, objective]]
        axes.scatter(*at, marker="o", s=110, facecolor="none", edgecolor=_trials.BEST, linewidth=1.8, zorder=5)


def place(parameter: Parameter, value: Any) -> float:
    """Return where a value is on the x axis: the number, or the choice's number."""
    if parameter.choices is None:
        return float(value)
    scale = _trials.Scale.of(parameter)
    return scale.place(value) * scale.high if len(parameter.choices) > 1 else 0.0


def draw_scale(axes: Axes, key: str, parameter: Parameter) -> None:
    """Name the x axis and give it the whole range of the parameter."""
    axes.set_xlabel(_trials.label(key))
    if parameter.choices is not None:
        texts = [_trials.plain(choice) for choice in parameter.choices]
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
