"""How far all models of a task are from the target."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.regression._compared import Compared

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions
    from snakeroot.evaluate.regression._estimates import Estimate

TITLE, ORDER = "Residuals", 30
SUBJECT = "task"
READS = ("predictions", "measured", "metrics")
OTHERS = True

BINS = 61

Shown = Compared


def draw(
    settings: Shown, predictions: list[Predictions], measured: list[Path], metrics: dict[str, Any]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the distributions of the residuals, each divided by its sum, with bias and resolution in the legend."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.regression._estimates import estimates, span, unit, with_unit

    compared = estimates(settings, predictions, measured, metrics)
    figure, [axes] = plotting.panels(1, stated=settings)
    limits = span(compared)
    axes.axvline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    numbers, drawn, highest = [], [], 0.0
    for one in compared:
        filled = plotting.histogram(one.residual, one.rows.weight, limits, BINS)
        view: Any = filled.view(flow=True)
        view["variance"] *= one.rows.copies  # copies of an event are not independent
        shown = plotting.fractions(filled)
        drawn.append(shown)
        plotting.draw_steps(axes, shown, label=legend(one), **one.stroke)
        numbers.append(plotting.frame(shown, model=one.name))
        highest = max(highest, float(np.max(shown.values())))
    axes.set_ylim(0, 1.1 * highest)
    relative = "(Prediction − target) / target"
    what = relative if settings.residual == "relative" else "Prediction − target"
    axes.set(xlabel=with_unit(what, settings), xlim=limits)
    axes.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(filled, unit(settings))}")
    look: dict[str, Any] = {"loc": "upper left", "alignment": "left", "frameon": True, "framealpha": 1}
    look["edgecolor"] = "none"
    plotting.crown([axes], [plotting.outside(drawn)], title=with_unit("bias, resolution", settings), **look)
    return figure, pd.concat(numbers, ignore_index=True)


def legend(one: Estimate) -> str:
    """Return the label with bias and resolution, with the digits that the interval of the resolution deserves."""
    test = one.test
    error = (test["resolution_high"] - test["resolution_low"]) / 2 if test["resolution_low"] is not None else 0.0
    digits = min(max(1 - math.floor(math.log10(error)), 0), 6) if error > 0 else 3
    resolution = f"{test['resolution']:.{digits}f}" + (f" ± {error:.{digits}f}" if error > 0 else "")
    return f"{one.label}: {test['bias']:.{digits}f}, {resolution}".replace("-", "−")
