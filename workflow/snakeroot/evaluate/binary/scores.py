"""A model's scores by class, on the test split against the train split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary._distribution import distribution
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Scores", 40
SUBJECT = "model"
READS = ("train", "test")
OTHERS = True

MARKERS = {"signal": "s", "background": "o"}
TARGETS = {"signal": 1, "background": 0}


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")


def draw(settings: Shown, train: Predictions, test: Predictions) -> tuple[Figure, pd.DataFrame]:
    """Draw the distributions of the score, each divided by its sum: train filled, test as points, their ratio below.

    Where the two differ by more than their uncertainties the model has learned its training events by heart.
    """
    import numpy as np
    import pandas as pd

    figure, [axes, ratio] = plotting.panels(3, 1, size=(plotting.WIDTH, 5.6), stated=settings)
    ratio.axhline(1.0, color="#717581", linewidth=1)
    axes.set_yscale("log")
    numbers, contents, colours = [], [], plotting.of_classes(TARGETS)
    for class_name, target in TARGETS.items():
        label = plotting.checked(getattr(settings, class_name), f"evaluation.labels.{class_name}")
        histograms = {name: distribution(split, target) for name, split in (("train", train), ("test", test))}
        plotting.draw_steps(axes, histograms["train"], fill=True, color=colours[class_name], label=f"{label} (train)")
        look = {"color": colours[class_name], "marker": MARKERS[class_name]}
        plotting.draw_points(axes, histograms["test"], label=f"{label} (test)", **look)
        draw_ratio(ratio, histograms["test"], histograms["train"], **look)
        numbers += [plotting.frame(filled, split=name, **{"class": class_name}) for name, filled in histograms.items()]
        contents += [filled.values() for filled in histograms.values()]
    axes.set_ylim(plotting.log_floor(contents), 2 * max(float(np.max(content)) for content in contents))
    axes.set(ylabel=f"Fraction of {settings.rows}{plotting.per_bin(histograms['test'])}", xlim=(0, 1))
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    ratio.set(xlabel="Score", ylabel="Test / train", ylim=(0, 2))
    plotting.crown([axes], loc="upper center", ncols=2, title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def draw_ratio(axes: Axes, test: plotting.Histogram, train: plotting.Histogram, *, color: str, marker: str) -> None:
    """Draw test / train with the uncertainty of test as bars, and that of train as a band around one."""
    import numpy as np

    known = (train.values() > 0) & (plotting.errors(test) > 0)
    base = np.where(train.values() > 0, train.values(), 1.0)
    band = np.where(train.values() > 0, plotting.errors(train) / base, 0.0)
    edges, centres = train.axes[0].edges, train.axes[0].centers
    axes.stairs(1 + band, edges, baseline=1 - band, fill=True, facecolor=color, alpha=0.2, linewidth=0)
    value, error = (test.values() / base)[known], (plotting.errors(test) / base)[known]
    axes.errorbar(centres[known], value, error, linestyle="none", markersize=4, color=color, marker=marker)
