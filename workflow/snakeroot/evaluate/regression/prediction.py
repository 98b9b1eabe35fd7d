"""A model's predictions against the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Axis, Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Prediction against target", 40
SUBJECT = "model"
READS = ("test",)
OTHERS = True

CELLS = 60
"""Along either axis, at most."""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    number: int = Field(0, ge=0, description="its place among the task's models, from which its colour follows")
    target: Axis = Field(description="its axis")


def draw(settings: Shown, test: Predictions) -> tuple[Figure, pd.DataFrame]:
    """Draw the density of events over target and prediction, and for each target median and central 68 %."""
    import numpy as np
    import pandas as pd
    from matplotlib.colors import LinearSegmentedColormap, LogNorm

    from snakeroot.evaluate.regression._estimates import target_label
    from snakeroot.evaluate.regression._profiles import profile

    # pale, so that the model's colour is seen on all of them
    shades = LinearSegmentedColormap.from_list("shades", ("#f2f3f5", "#868c96"))
    axis = settings.target
    limits = axis.range or plotting.span(test.target, "target")
    edges = np.linspace(*limits, min(axis.bins, CELLS) + 1)
    x, y = (plotting.at_edges(values, edges) for values in (test.target, test.predicted))
    sums, _, _ = np.histogram2d(x, y, bins=(edges, edges), weights=test.weight)
    figure, [axes] = plotting.panels(1, size=(6.4, 5.8), stated=settings)
    shown = np.ma.masked_less_equal(sums.T, 0.0)
    norm = LogNorm(shown.min(), max(shown.max(), 1.001 * shown.min())) if shown.count() else None
    mesh = axes.pcolormesh(edges, edges, shown, cmap=shades, norm=norm, rasterized=True)
    what = settings.rows[0].upper() + settings.rows[1:] if settings.luminosity else "Sum of weights"
    figure.colorbar(mesh, ax=axes, label=f"{what} per cell", pad=0.02).ax.tick_params(which="both", right=True)
    axes.plot(limits, limits, color="#717581", linestyle=":", linewidth=1.2, label="prediction = target")
    band = profile(test.target, test.predicted, test.weight, limits, axis.bins)
    colour = plotting.stroke(settings.number)["color"]
    at, known = (band["low"] + band["high"]) / 2, band["entries"] > 0
    axes.fill_between(at, band["q16"], band["q84"], where=known, color=colour, alpha=0.2, linewidth=0)
    look: dict[str, Any] = {"color": colour, "marker": "o", "markersize": 4}
    axes.plot(at[known], band["q50"][known], label="median, central 68 %", **look)
    axes.set(xlabel=target_label(axis, "Target"), ylabel=target_label(axis, "Prediction"), xlim=limits, ylim=limits)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    seen = plotting.within(x, edges) & plotting.within(y, edges)
    beyond = float(test.weight[~seen].sum() / test.weight.sum())
    title += f"; {note}" if (note := plotting.not_shown({f"of the {settings.rows}": [beyond]})) else ""
    figure.legend(loc="outside lower center", ncols=2, title=title)  # the plane may be full
    cells = [
        {
            "target_low": edges[i],
            "target_high": edges[i + 1],
            "prediction_low": edges[j],
            "prediction_high": edges[j + 1],
            "value": value,
        }
        for (i, j), value in np.ndenumerate(sums)
        if value
    ]
    return figure, pd.concat([pd.DataFrame(cells), band.rename(columns=lambda name: f"profile_{name}")], axis=1)
