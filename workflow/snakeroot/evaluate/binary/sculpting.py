"""The background's shape in other variables after cuts on the score, against before."""

from __future__ import annotations

import math
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
    from snakeroot.plotting.settings import Variable

TITLE, ORDER = "Sculpting", 34
SUBJECT = "task"
READS = ("predictions", "columns")

BINS, FEWEST = 20, 5
"""Bins of a variable, at most, and entries of one whose ratio is drawn, at least."""
SIZE = (5.6, 4.8)
"""Inches of what is drawn of a variable."""
ACROSS = 2
"""Variables beside each other."""
SPREAD = 0.5
"""Share of a bin's width over which the models' ratios stand side by side."""

Shown = _profiled.Profiled
applies = _profiled.applies


def draw(settings: Shown, predictions: list[Predictions], columns: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw the background of the test split before and after the loosest cut of each model, and their ratio.

    The numbers are of all efficiencies, with what each cut does to each variable: Jensen–Shannon divergence and
    distance correlation, and what they would be by chance.
    """
    import pandas as pd

    from snakeroot.evaluate.binary import _cuts, _sculpted

    cuts = _cuts.cuts(settings, predictions)
    variables = _cuts.binned(predictions[0], columns, settings.profiled, BINS)
    measures = _sculpted.measures(cuts, variables, settings.seed)
    figure, uppers, lowers = _panels(settings)
    numbers, notes = [], []
    loosest = max(settings.efficiencies)
    for upper, lower, variable in zip(uppers, lowers, settings.profiled, strict=True):
        one = variables[variable.name]
        before = plotting.fractions(_sculpted.distribution(one, cuts[0], passed=False))
        _begin(settings, upper, lower, before)
        contents, drawn = [before.values()], []
        for cut in cuts:
            table, measured = _sculpted.compared(one, cut), measures[variable.name, cut.model.name, cut.efficiency]
            known = {"variable": variable.name, "model": cut.model.name, "efficiency": cut.efficiency, "cut": cut.at}
            numbers.append(pd.DataFrame({**dict.fromkeys(known), **table}).assign(**known, **measured))
            if cut.efficiency == loosest:
                place = (settings.models.index(cut.model) + 0.5) / len(settings.models) - 0.5
                _draw(upper, lower, table.iloc[1:-1], cut, measured, SPREAD * place)
                contents.append(table["after"].to_numpy()[1:-1])
                drawn.append(table.iloc[1:-1])
        _end(upper, lower, variable, contents, pd.concat(drawn))
        lower.set_xlim(one.limits)
        if plotting.are_whole(one.numbers):
            plotting.whole_numbers(lower.xaxis)
        notes.append(one.outside(predictions[0].weight * (predictions[0].target == _sculpted.BACKGROUND)))
    title = f"after a cut at {_cuts.percent(loosest)} of the signal: JSD (by chance),\ndistance correlation (by chance)"
    plotting.crown(uppers, notes, loc="upper right", alignment="right", fontsize=9.5, title=title, title_fontsize=9.5)
    return figure, pd.concat(numbers, ignore_index=True)


def _panels(settings: Shown) -> tuple[Figure, list[Axes], list[Axes]]:
    """Return for each variable a panel and one of ratios below it, on one x axis."""
    count = len(settings.profiled)
    across = min(ACROSS, count)
    down = math.ceil(count / across)
    figure = plotting.blank(across * SIZE[0], down * SIZE[1] + 0.4)
    grid = figure.subplots(2 * down, across, squeeze=False, sharex=False, height_ratios=[3, 1] * down)
    uppers, lowers = list(grid[::2].flat), list(grid[1::2].flat)
    for upper, lower in zip(uppers, lowers, strict=True):
        upper.sharex(lower)
        upper.tick_params(labelbottom=False)
    for empty in (*uppers[count:], *lowers[count:]):
        empty.set_visible(False)
    plotting.headline(uppers[:across], settings)
    figure.align_ylabels([*uppers, *lowers])
    return figure, uppers[:count], lowers[:count]


def _begin(settings: Shown, upper: Axes, lower: Axes, before: plotting.Histogram) -> None:
    """Draw what no cut has touched."""
    label = f"all of {plotting.checked(settings.background, 'evaluation.labels.background')}"
    plotting.draw_steps(upper, before, fill=True, color="#717581", label=label)
    lower.axhline(1.0, color="#717581", linewidth=1)
    upper.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(before)}")


def _draw(upper: Axes, lower: Axes, table: pd.DataFrame, cut: Cut, measured: dict[str, float], shift: float) -> None:
    """Draw the shape after a cut, and its ratio to the one before, shifted by a share of the bins."""
    stroke: dict[str, Any] = plotting.stroke(cut.model.number)
    edges = [*table["low"], table["high"].iloc[-1]]
    name = plotting.checked(cut.model.label, f"evaluation.labels.{cut.model.name}") + cut.rows.note
    numbers = (f"{_text(measured[one])} ({_text(measured[chance])})" for one, chance in MEASURES)
    upper.stairs(table["after"], edges, label=f"{name}: {', '.join(numbers)}", linewidth=1.4, **stroke)
    low, high = (table["after"] + sign * table["after_error"] for sign in (-1, 1))
    upper.stairs(high, edges, baseline=low, fill=True, facecolor=stroke["color"], alpha=0.2, linewidth=0)
    at = table["low"] + (0.5 + shift) * (table["high"] - table["low"])
    known = table["ratio"].notna() & (table["entries"] >= FEWEST)
    ends = abs(table[["ratio_low", "ratio_high"]].to_numpy().T - table["ratio"].to_numpy())
    lower.errorbar(at[known], table["ratio"][known], ends[:, known], fmt="o", markersize=3, color=stroke["color"])


def _text(number: float) -> str:
    return "undefined" if math.isnan(number) else f"{number:.2g}"


MEASURES = (("divergence", "divergence_random"), ("correlation", "correlation_independent"))
"""What stands in the legend, and what it would be by chance."""


def _end(upper: Axes, lower: Axes, variable: Variable, contents: list[Any], table: pd.DataFrame) -> None:
    """Set the axes of a variable, of ratios so that all of them are seen."""
    if variable.axis.log:
        upper.set_yscale("log")
        upper.set_ylim(plotting.log_floor(contents), 2 * max(float(content.max()) for content in contents))
    else:
        upper.set_ylim(bottom=min(0.0, *(float(content.min()) for content in contents)))
    lower.set(xlabel=plotting.axis_label(variable.axis.label, variable.axis.unit, variable.name))
    ratios = table["ratio"][table["entries"] >= FEWEST]
    lower.set(ylabel="Ratio", ylim=(0, max(2.0, 1.15 * ratios.max()) if ratios.notna().any() else 2.0))
