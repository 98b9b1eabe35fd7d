"""How well each model separates at each point of a physics parameter, whether it has learned from the point or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask, Variable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE, ORDER = "Points of the parameters", 34
SUBJECT = "task"
READS = ("metrics",)

WIDE = 0.02
"""Of the axis: how far models stand from each other at a point, so that their bars can be told apart."""

ARROW = r"$\downarrow$"
ROOM = 2.0
"""The scale of differences reaches to so many times the largest."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Of the models, which may be more than there are colours."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="all models of the task")
    parameters: list[Variable] = Field(description="the physics parameters")


def applies(settings: Shown) -> bool:
    """Whether there are any."""
    return bool(settings.parameters)


def draw(settings: Shown, metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the AUC of each model at each point: its signal against all background, on the test split.

    Below, what it has more than the first model, over the same resampled events, on a scale of the models that are told
    the parameters. Open markers are points that the model has not learned from. With one parameter the points stand at
    its values, with several beside each other.
    """
    import numpy as np
    import pandas as pd

    numbers = pd.DataFrame([row for model in settings.models for row in _rows(metrics, model.name, settings)])
    names = [one.name for one in settings.parameters]
    first = numbers[numbers["model"] == settings.models[0].name]
    several = len(settings.models) > 1
    heights, height = ((2.0, 1.2), 6.2) if several else ((1.0,), plotting.HEIGHT)
    figure, panels = plotting.panels(*heights, size=(plotting.WIDTH, height), stated=settings)
    x = first[names[0]].to_numpy(float) if len(names) == 1 else np.arange(len(first), dtype=float)
    for model in settings.models:
        rows = numbers[numbers["model"] == model.name]
        at = x + WIDE * float(np.ptp(x)) * (model.number - (len(settings.models) - 1) / 2)
        replicas = int(rows["replicas"].max())
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}")
        _draw(panels[0], at, rows, "auc", model, label + (f" (mean of {replicas})" if replicas > 1 else ""))
        if several and model.name != settings.models[0].name:
            _draw(panels[1], at, rows, "difference", model, "")
    panels[0].set_ylabel("AUC")
    if several:
        panels[1].axhline(0.0, color="#717581", linewidth=1)
        panels[1].set_ylabel(f"AUC − that of\n{plotting.checked(settings.models[0].label, 'evaluation.labels')}")
        panels[1].yaxis.get_label().set_fontsize(11)
        _limit(panels[1], numbers)
    _axis(panels[-1], x, first, settings)
    _legend(figure, panels[0])
    return figure, numbers


def _limit(axes: Axes, numbers: pd.DataFrame) -> None:
    """Have the scale of those that are told the parameters; of others, which may be far below, an arrow says so."""
    import numpy as np

    ends = numbers[numbers["told"]][["difference_low", "difference_high"]].to_numpy(float)
    if not np.isfinite(ends).any():
        return
    most = max(float(np.nanmax(np.abs(ends))), 1e-5)
    axes.set_ylim(-ROOM * most, ROOM * most)
    for line in list(axes.lines):
        if line.get_marker() not in ("None", "", None):
            at, value = (np.asarray(one, float) for one in line.get_data())
            below = at[value < -ROOM * most]
            look: dict[str, Any] = {"marker": ARROW, "markersize": 9, "linestyle": "none", "color": line.get_color()}
            if len(below):
                axes.plot(below, np.full(len(below), -0.9 * ROOM * most), **look)


def _rows(metrics: dict[str, Any], model: str, settings: Shown) -> list[dict[str, Any]]:
    """Return a row for each point: as the report has it and, of the ensemble where there is one, as it is drawn."""
    reference = settings.models[0].name
    compared = [one for one in metrics["points"] if (one["model"], one["reference"]) == (model, reference)]
    differences = {tuple(one["at"].values()): one for one in compared}
    found = []
    for point in metrics["models"][model]["points"]:
        shown = point.get("ensemble", point)
        known = differences.get(tuple(point["at"].values()), {})
        found.append(
            {
                "model": model,
                **{one.name: point["at"][one.name] for one in settings.parameters},
                "told": point["told"],
                "trained": point["trained"],
                "entries": point["entries"],
                "replicas": point.get("replicas", 1),
                **{name: shown.get(name) for name in ("auc", "auc_low", "auc_high")},
                "mean_auc": point.get("auc"),
                "auc_spread": point.get("auc_spread"),
                **{f"difference{end}": known.get(key) for end, key in ENDS.items()},
            }
        )
    return found


ENDS = {"": "difference", "_low": "low", "_high": "high"}
"""Of a difference, as the columns of numbers have it: its key in metrics.json."""


def _draw(axes: Axes, at: Any, rows: pd.DataFrame, what: str, model: Model, label: str) -> None:
    """Draw points with their intervals: filled where the model has learned from them, open where it has not."""
    import numpy as np

    look = plotting.stroke(model.number)
    marker, trained = MARKERS[model.number % len(MARKERS)], rows["trained"].to_numpy(bool)
    value, low, high = (rows[f"{what}{end}"].to_numpy(float) for end in ("", "_low", "_high"))
    if trained.sum() > 1 or len(rows) == 1:
        axes.plot(at, value, linewidth=1, alpha=0.6, **look)
    for chosen, face in ((trained, look["color"]), (~trained, "white")):
        bars = np.abs(np.stack([value - low, high - value]))[:, chosen]
        axes.errorbar(
            at[chosen],
            value[chosen],
            bars,
            linestyle="none",
            marker=marker,
            markersize=6,
            color=look["color"],
            markerfacecolor=face,
            label=label if label and face != "white" else None,
        )


def _axis(axes: Axes, x: Any, first: pd.DataFrame, settings: Shown) -> None:
    names = [one.name for one in settings.parameters]
    labels = [plotting.axis_label(one.axis.label, one.axis.unit, one.name) for one in settings.parameters]
    axes.set_xlabel(", ".join(labels))
    if len(names) > 1:
        axes.set_xticks(x, [", ".join(f"{value:g}" for value in row) for row in first[names].to_numpy(float)])
        axes.tick_params(axis="x", which="minor", bottom=False, top=False)


def _legend(figure: Figure, axes: Axes) -> None:
    """Say below the panels which marker is which model, and what an open one means."""
    from matplotlib.lines import Line2D

    handles, labels = axes.get_legend_handles_labels()
    left_out = Line2D([], [], linestyle="none", marker="o", markerfacecolor="white", color="#717581", markersize=6)
    handles, labels = [*handles, left_out], [*labels, "open: point not trained at"]
    if any(line.get_marker() == ARROW for panel in figure.axes for line in panel.lines):
        handles.append(Line2D([], [], linestyle="none", marker=ARROW, color="#717581", markersize=9))
        labels.append("below the panel")
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9.5)
