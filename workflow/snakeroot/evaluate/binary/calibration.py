"""Whether scores are probabilities: the reliability diagram of all models of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Calibration", 35
SUBJECT = "task"
READS = ("predictions", "metrics")
OTHERS = True

BINS = 40
MARKERS = ("o", "s", "^", "v", "D", "P")


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")


def draw(settings: Shown, predictions: list[Predictions], metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the share of signal against the mean score in bins of the score, for equal totals of the classes.

    On the test split, with 68 % intervals. Below is the distribution of the score, for the same totals.
    """
    import pandas as pd

    from snakeroot.evaluate.classes import equal_classes
    from snakeroot.evaluate.predictions import of_shown

    figure, [axes, below] = plotting.panels(2.6, 1, size=(plotting.WIDTH, 6.4), stated=settings)
    axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1.2, label="score = probability")
    below.set_yscale("log")
    tables, contents = [], []
    for model, rows in zip(settings.models, predictions, strict=True):
        measured, stroke = metrics["models"][model.name], plotting.stroke(model.number)
        table = pd.DataFrame(measured["calibration"]).assign(model=model.name)
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        bars = [table["signal"] - table["signal_low"], table["signal_high"] - table["signal"]]
        look = {"marker": MARKERS[model.number % len(MARKERS)], "markersize": 5, **stroke, "linestyle": "none"}
        text = f"{label}: {errors(of_shown(measured)['test'])}"
        axes.errorbar(table["score"], table["signal"], [bar.clip(lower=0) for bar in bars], label=text, **look)
        filled = plotting.histogram(rows.predicted, equal_classes(rows.target, rows.weight), (0.0, 1.0), BINS)
        below.stairs(filled.values(), filled.axes[0].edges, linewidth=1.4, **stroke)
        tables.append(table)
        contents.append(filled.values())
    axes.set(ylabel="Share of signal", xlim=(0, 1), ylim=(-0.03, 1.03), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
    below.set_ylim(plotting.log_floor(contents), 3 * max(float(content.max()) for content in contents))
    below.set(xlabel="Score, in bins its mean", ylabel=f"Fraction of\n{settings.rows}{plotting.per_bin(filled)}")
    below.yaxis.get_label().set_fontsize(11)
    plotting.crown([axes], loc="upper left", fontsize=min(plotting.small(len(predictions)), 10.0))
    return figure, pd.concat(tables, ignore_index=True)


def errors(test: dict[str, Any]) -> str:
    """Return calibration error and Brier score with their 68 % intervals."""
    return f"ECE = {_within(test, 'ece')}, Brier = {_within(test, 'brier')}"


def _within(test: dict[str, Any], name: str) -> str:
    value, low, high = test[name], test[f"{name}_low"], test[f"{name}_high"]
    return f"{value:.4f}" if low is None else f"${value:.4f}^{{{high - value:+.4f}}}_{{{low - value:+.4f}}}$"
