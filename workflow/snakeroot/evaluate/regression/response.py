"""Bias and resolution of all models as functions of the target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.regression._compared import Compared

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Bias and resolution", 31
SUBJECT = "task"
READS = ("predictions", "measured", "metrics")
OTHERS = True

Shown = Compared


def draw(
    settings: Shown, predictions: list[Predictions], measured: list[Path], metrics: dict[str, Any]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the median of the residuals, and half of their central 68 %, in bins of the target."""
    import pandas as pd

    from snakeroot.evaluate.regression._estimates import estimates, target_label, with_unit
    from snakeroot.evaluate.regression._profiles import profile

    compared = estimates(settings, predictions, measured, metrics)
    axis = settings.target
    figure, panels = plotting.panels(1, 1, size=(plotting.WIDTH, 6.4), stated=settings)
    limits = axis.range or plotting.span(compared[0].rows.target, "target")
    panels[0].axhline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    numbers = []
    for one in compared:
        table = profile(one.rows.target, one.residual, one.rows.weight, limits, axis.bins, one.rows.copies)
        table = table.assign(resolution=(table["q84"] - table["q16"]) / 2)
        known = table[table["entries"] > 0]
        at = (known["low"] + known["high"]) / 2
        for axes, value, error in zip(panels, ("q50", "resolution"), ("q50_error", "resolution_error"), strict=True):
            low, high = known[value] - known[error], known[value] + known[error]
            axes.fill_between(at, low, high, color=one.stroke["color"], alpha=0.2, linewidth=0)
            axes.plot(at, known[value], marker="o", markersize=3, label=one.label, **one.stroke)
        numbers.append(table.assign(model=one.name))
    panels[0].set_ylabel(with_unit("Median residual", settings))
    panels[1].set_ylabel(with_unit("Resolution", settings))
    panels[1].set_ylim(bottom=0)
    panels[1].set(xlabel=target_label(axis, "Target"), xlim=limits)
    targets = [plotting.histogram(one.rows.target, one.rows.weight, limits, axis.bins) for one in compared]
    figure.align_ylabels(panels)
    plotting.crown(panels[:1], [plotting.outside(targets)], loc="upper center", ncols=2 if len(compared) > 3 else 1)
    return figure, pd.concat(numbers, ignore_index=True)
