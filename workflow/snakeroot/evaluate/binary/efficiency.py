"""Signal efficiency and background rejection of all models against other variables, at fixed cuts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.binary import _profiled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.binary._cuts import Cut
    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Efficiency against variables", 33
SUBJECT = "task"
READS = ("predictions", "columns")

BINS, FEWEST = 12, 5
"""Bins of a variable, at most, and entries of each that is drawn, at least."""
SIZE = (4.6, 3.1)
"""Inches of a panel."""
MARKERS = ("o", "s", "^", "D", "v")
"""Of the cuts of a model."""
SPREAD = 0.6
"""Share of a bin's width over which the models' points stand side by side."""

Shown = _profiled.Profiled
applies = _profiled.applies


def draw(settings: Shown, predictions: list[Predictions], columns: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw efficiency and rejection in bins of each variable on the test split, after cuts of given efficiencies."""
    import pandas as pd

    from snakeroot.evaluate.binary import _cuts

    cuts = _cuts.cuts(settings, predictions)
    variables = _cuts.binned(predictions[0], columns, settings.profiled, BINS)
    figure, panels = plotting.grid(2 * len(variables), 2, SIZE, stated=settings)
    numbers = []
    for left, right, variable in zip(panels[::2], panels[1::2], settings.profiled, strict=True):
        one = variables[variable.name]
        right.set_yscale("log")
        for cut in cuts:
            table = _cuts.profile(one, cut)
            place = settings.models.index(cut.model) - (len(settings.models) - 1) / 2
            _draw(left, right, table.iloc[:-1], cut, SPREAD * place / len(settings.models))
            known = {"variable": variable.name, "model": cut.model.name, "efficiency": cut.efficiency, "cut": cut.at}
            numbers.append(pd.DataFrame({**dict.fromkeys(known), **table}).assign(**known))
        for efficiency in settings.efficiencies:
            left.axhline(efficiency, color="#94a4a2", linestyle=":", linewidth=1)
        label = plotting.axis_label(variable.axis.label, variable.axis.unit, variable.name)
        left.set(xlabel=label, ylabel="Signal efficiency", xlim=one.limits, ylim=(0, 1.02))
        right.set(xlabel=label, ylabel="Background rejection", xlim=one.limits, ylim=_limits(numbers[-len(cuts) :]))
        plotting.crown([left], [one.outside(predictions[0].weight)])
        if plotting.are_whole(one.numbers):
            plotting.whole_numbers(left.xaxis)
            plotting.whole_numbers(right.xaxis)
    _legend(figure, settings, cuts)
    return figure, pd.concat(numbers, ignore_index=True)


def _draw(left: Axes, right: Axes, table: pd.DataFrame, cut: Cut, shift: float) -> None:
    """Draw a cut's efficiency and rejection, shifted by a share of the bins; a rejection without end is an arrow."""
    look: dict[str, Any] = {**plotting.stroke(cut.model.number), "marker": MARKERS[cut.number % len(MARKERS)]}
    look |= {"markersize": 4, "linewidth": 0.9, "elinewidth": 1.2, "capsize": 0}
    at = table["low_edge"] + (0.5 + shift) * (table["high_edge"] - table["low_edge"])
    signal = (table["signal_entries"] >= FEWEST) & table["signal"].notna()
    ends = table[["signal_low", "signal_high"]].to_numpy().T
    left.errorbar(at[signal], table["signal"][signal], abs(ends - table["signal"].to_numpy())[:, signal], **look)
    some = (table["background_entries"] >= FEWEST) & (table["background"] > 0)
    value = table["rejection"]
    low, high = value - table["rejection_low"], table["rejection_high"].clip(upper=10 * value) - value
    right.errorbar(at[some], value[some], [low[some].clip(lower=0), high[some].clip(lower=0)], **look)
    none = (table["background_entries"] >= FEWEST) & (table["background"] == 0)
    limit = table["rejection_low"][none]
    right.errorbar(at[none], limit, [0 * limit, 0.5 * limit], lolims=True, **(look | {"linestyle": "none"}))


def _limits(tables: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """Return where the axis of rejections begins and ends."""
    tops = [table[name] for table in tables for name in ("rejection", "rejection_low")]
    highest = max((float(top[top < float("inf")].max()) for top in tops if (top < float("inf")).any()), default=1.0)
    return 0.9, 3 * max(highest, 1.5)


def _legend(figure: Figure, settings: Shown, cuts: Sequence[Cut]) -> None:
    """Say below the panels which colour is which model, and which marker which cut."""
    from matplotlib.lines import Line2D

    from snakeroot.evaluate.binary._cuts import percent

    models = {cut.model.name: cut for cut in cuts}
    handles = [
        Line2D(
            [],
            [],
            **plotting.stroke(cut.model.number),
            label=plotting.checked(cut.model.label, f"evaluation.labels.{name}") + cut.rows.note,
        )
        for name, cut in models.items()
    ]
    for efficiency, marker in zip(settings.efficiencies, itertools.cycle(MARKERS)):
        look: dict[str, Any] = {"color": "#1d232b", "linestyle": "none", "marker": marker}
        handles.append(Line2D([], [], label=f"cut at {percent(efficiency)} of the signal", **look))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
