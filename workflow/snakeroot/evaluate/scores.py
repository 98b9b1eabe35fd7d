"""`python -m snakeroot.evaluate.scores`: a model's scores by class, on the test split against the train split."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.predictions import Predictions, read
from snakeroot.evaluate.settings import Scores

BINS = 40
MARKERS = {"signal": "s", "background": "o"}
TARGETS = {"signal": 1, "background": 0}


def make(
    settings: Scores,
    train: Annotated[Path, "predictions of the train split (Parquet)"],
    test: Annotated[Path, "predictions of the test split (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the distributions of the score: train filled, test as points, and their ratio below.

    Where the two differ by more than their uncertainties the model has learned its training events by heart.
    """
    stem = plotting.stem(figure)
    splits = {"train": read(train, "train", settings.model.name), "test": read(test, "test", settings.model.name)}
    with plotting.style():
        drawn, numbers = draw(settings, splits)
    plotting.save(drawn, stem, numbers)


def draw(settings: Scores, splits: dict[str, Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms, each divided by its sum."""
    figure, [axes, ratio] = plotting.panels(3, 1, size=(plotting.WIDTH, 5.6), stated=settings)
    ratio.axhline(1.0, color="#717581", linewidth=1)
    axes.set_yscale("log")
    numbers, contents, colours = [], [], plotting.of_classes(TARGETS)
    for role, target in TARGETS.items():
        label = plotting.checked(getattr(settings, role), f"evaluation.labels.{role}")
        found = {name: distribution(split, target) for name, split in splits.items()}
        plotting.draw_steps(axes, found["train"], fill=True, color=colours[role], label=f"{label} (train)")
        look = {"color": colours[role], "marker": MARKERS[role]}
        plotting.draw_points(axes, found["test"], label=f"{label} (test)", **look)
        draw_ratio(ratio, found["test"], found["train"], **look)
        numbers += [plotting.frame(filled, split=name, role=role) for name, filled in found.items()]
        contents += [filled.values() for filled in found.values()]
    axes.set_ylim(plotting.log_floor(contents), 2 * max(float(np.max(content)) for content in contents))
    axes.set(ylabel=f"Fraction of {settings.rows}{plotting.per_bin(found['test'])}", xlim=(0, 1))
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + splits["test"].note
    ratio.set(xlabel="Score", ylabel="Test / train", ylim=(0, 2))
    plotting.crown([axes], loc="upper center", ncols=2, title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def distribution(split: Predictions, target: int) -> plotting.Histogram:
    """Return the distribution of the score of one class, with unit sum.

    Copies of an event are not independent: the uncertainty is that of as many events as there are.
    """
    chosen = split.target == target
    filled = plotting.histogram(split.predicted[chosen], split.weight[chosen], (0.0, 1.0), BINS)
    view: Any = filled.view(flow=True)
    view["variance"] *= split.copies
    return plotting.fractions(filled)


def draw_ratio(axes: Axes, test: plotting.Histogram, train: plotting.Histogram, *, color: str, marker: str) -> None:
    """Draw test / train with the uncertainty of test as bars, and that of train as a band around one."""
    known = (train.values() > 0) & (plotting.errors(test) > 0)
    base = np.where(train.values() > 0, train.values(), 1.0)
    band = np.where(train.values() > 0, plotting.errors(train) / base, 0.0)
    edges, centres = train.axes[0].edges, train.axes[0].centers
    axes.stairs(1 + band, edges, baseline=1 - band, fill=True, facecolor=color, alpha=0.2, linewidth=0)
    value, error = (test.values() / base)[known], (plotting.errors(test) / base)[known]
    axes.errorbar(centres[known], value, error, linestyle="none", markersize=4, color=color, marker=marker)


if __name__ == "__main__":
    main(make)
