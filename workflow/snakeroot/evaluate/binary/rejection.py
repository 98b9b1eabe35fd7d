"""Background rejection of all models of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Background rejection", 31
SUBJECT = "task"
READS = ("predictions", "metrics")

WORKING_POINTS = (50, 80)


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")


def draw(settings: Shown, predictions: list[Predictions], metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw 1 / background efficiency against signal efficiency on the test split, with the working points.

    A curve starts where the first entry of background passes; before that the sample only says that the rejection is
    no smaller, which a dotted line shows. The band is the statistical uncertainty of the weight that passes.
    """
    import pandas as pd

    from snakeroot.evaluate.predictions import of_shown

    figure, [axes] = plotting.panels(1, stated=settings)
    axes.set_yscale("log")
    tables, tests = [], [of_shown(metrics["models"][model.name])["test"] for model in settings.models]
    for model, rows, test in zip(settings.models, predictions, tests, strict=True):
        stroke = plotting.stroke(model.number)
        table = points(rows)
        axes.fill_between(
            table["signal_efficiency"], table["low"], table["high"], color=stroke["color"], alpha=0.2, linewidth=0
        )
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        axes.plot(table["signal_efficiency"], table["rejection"], label=f"{label}: {at_points(test)}", **stroke)
        if len(table):
            limit = table["rejection"].iloc[0]
            axes.hlines(limit, 0, table["signal_efficiency"].iloc[0], color=stroke["color"], linestyle=":", linewidth=1)
        draw_working_points(axes, test, stroke["color"])
        tables.append(table.assign(model=model.name))
    axes.set(xlabel="Signal efficiency", ylabel="Background rejection (1 / efficiency)", xlim=(0, 1))
    bands = [table["high"].max() for table in tables if len(table)]
    bars = [test[f"rejection_at_{percent}_high"] or 0.0 for test in tests for percent in WORKING_POINTS]
    axes.set_ylim(1, 1.2 * max(2.0, *bands, *bars))
    title = "at " + ", ".join(f"{percent} %" for percent in WORKING_POINTS) + " signal efficiency"
    look: dict[str, Any] = {"alignment": "right", "fontsize": plotting.small(len(predictions))}
    plotting.crown([axes], loc="upper right", title=title, **look)
    return figure, pd.concat(tables, ignore_index=True)


def at_points(test: dict[str, Any]) -> str:
    """Return the rejections at the working points."""
    return ", ".join(_told(test, f"rejection_at_{percent}") for percent in WORKING_POINTS)


def _told(test: dict[str, Any], name: str) -> str:
    value, low = test[name], test[f"{name}_low"]
    if value is not None:
        return f"{value:.3g}"
    return "∞" if low is None else f"> {low:.3g}"


def points(rows: Predictions) -> pd.DataFrame:
    """Return the points of one curve: signal efficiency, rejection and its 68 % limits."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate import performance

    ranking = performance.Ranking(rows.target, rows.predicted)
    curve = ranking.curve(rows.weight)
    efficiency = curve.background_efficiency
    error = ranking.background_error(rows.weight) / curve.background[-1]
    known = np.flatnonzero(efficiency > 0)
    signal, efficiency, error = curve.signal_efficiency[known], efficiency[known], error[known]
    kept = plotting.thin(signal, np.log10(efficiency)) if len(known) else known
    signal, efficiency, error = signal[kept], efficiency[kept], error[kept]
    # With one entry, or weights of both signs, the lower limit of the efficiency reaches zero: cut at a tenth of it.
    limits = {"low": 1 / (efficiency + error), "high": 1 / np.maximum(efficiency - error, efficiency / 10)}
    return pd.DataFrame({"signal_efficiency": signal, "rejection": 1 / efficiency, **limits})


def draw_working_points(axes: Axes, test: dict[str, Any], colour: str) -> None:
    """Draw rejection and its interval at the working points; what is infinite has an arrow at its lower limit."""
    for percent in WORKING_POINTS:
        value, low, high = (test[f"rejection_at_{percent}{end}"] for end in ("", "_low", "_high"))
        if value is not None and low is not None and high is not None:
            error = [[max(value - low, 0.0)], [max(high - value, 0.0)]]
            axes.errorbar([percent / 100], [value], yerr=error, fmt="o", color=colour, markersize=5, capsize=3)
        elif value is None and low is not None:
            axes.errorbar([percent / 100], [low], yerr=[[0], [low]], lolims=True, fmt="o", color=colour, markersize=5)
