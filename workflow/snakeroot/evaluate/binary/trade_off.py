"""How well models separate, against how far they sculpt the background in other variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary import _profiled
from snakeroot.settings import Name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions
    from snakeroot.plotting.settings import Model

TITLE, ORDER = "Separation and sculpting", 35
SUBJECT = "task"
READS = ("predictions", "columns", "metrics")

BINS = 20
"""Of a variable, at most, as in the figure of the shapes."""
SIZE = (5.6, 4.6)
"""Inches of a panel."""
WANTED = 0.5
"""Signal efficiency nearest to which the cuts are that are drawn."""


class Shown(_profiled.Profiled):
    """What it shows."""

    independent: list[Name] = Field(description="models that are trained to be independent of a variable")


def applies(settings: Shown) -> bool:
    """Whether a model gives up separation for less sculpting."""
    return bool(settings.profiled and settings.independent and len(settings.models) > 1)


def draw(
    settings: Shown, predictions: list[Predictions], columns: list[Path], metrics: dict[str, Any]
) -> tuple[Figure, pd.DataFrame]:
    """Draw the AUC of each model against the Jensen–Shannon divergence of the background after a cut from before it.

    On the test split, at the signal efficiency nearest to 50 %. The numbers are of all efficiencies and networks;
    the interval of the AUC is that of the mean over a model's networks.
    """
    from snakeroot.evaluate.binary import _traded

    numbers = _traded.table(settings, predictions, columns, BINS)
    for end in ("auc_low", "auc_high"):
        ends = {model.name: metrics["models"][model.name]["test"][end] for model in settings.models}
        numbers[end] = numbers["model"].map(ends).astype(float)
    drawn = min(settings.efficiencies, key=lambda one: abs(one - WANTED))
    shown = numbers[numbers["efficiency"] == drawn]
    figure, panels = plotting.grid(len(settings.profiled), 2, SIZE, stated=settings)
    for axes, variable in zip(panels, settings.profiled, strict=True):
        of_variable = shown[shown["variable"] == variable.name]
        for model, rows in zip(settings.models, predictions, strict=True):
            _draw(axes, of_variable[of_variable["model"] == model.name], model, len(rows.replicas))
        what = plotting.axis_label(variable.axis.label, "", variable.name)
        axes.set(xlabel="AUC", ylabel=f"JSD of {what}, {100 * drawn:.3g} % of the signal kept", yscale="log")
    _legend(figure, panels[0])
    return figure, numbers


MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Of the models, which may be more than there are colours."""


def _draw(axes: Axes, rows: pd.DataFrame, model: Model, networks: int) -> None:
    """Draw the mean of a model's networks with its statistical errors, each network, and what random cuts would do."""
    colour = plotting.stroke(model.number)["color"]
    marker = MARKERS[model.number % len(MARKERS)]
    label = plotting.checked(model.label, f"evaluation.labels.{model.name}")
    label += f" (mean of {networks})" if networks > 1 else ""
    auc, divergence, error = (float(rows[name].mean()) for name in ("auc", "divergence", "divergence_error"))
    look: dict[str, Any] = {"color": colour, "marker": marker}
    ends = [[abs(float(rows[end].iloc[0]) - auc)] for end in ("auc_low", "auc_high")]
    axes.errorbar([auc], [divergence], [error], ends, linestyle="none", markersize=7, label=label, **look)
    if networks > 1:
        axes.plot(rows["auc"], rows["divergence"], linestyle="none", markersize=3, alpha=0.6, **look)
    axes.plot([auc], [rows["divergence_random"].mean()], linestyle="none", markerfacecolor="none", markersize=5, **look)


def _legend(figure: Figure, axes: Axes) -> None:
    """Say below the panels which marker is which model."""
    from matplotlib.lines import Line2D

    handles, labels = axes.get_legend_handles_labels()
    random = Line2D([], [], linestyle="none", marker="o", markerfacecolor="none", color="#717581", markersize=5)
    handles, labels = [*handles, random], [*labels, "open: random cuts"]
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9.5)
