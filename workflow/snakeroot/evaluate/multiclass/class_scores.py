"""A model's scores by class, test against train."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary._distribution import distribution
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Scores", 41
SUBJECT = "model"
READS = ("train", "test")

ACROSS = 3
"""Panels beside each other."""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    classes: list[Labelled] = Field(description="the task's classes, by target")


def draw(settings: Shown, train: Predictions, test: Predictions) -> tuple[Figure, pd.DataFrame]:
    """Draw for each class the distributions of its score in all classes: train as a line, test as points.

    Each is divided by its sum; there is a panel for each score.
    """
    import numpy as np
    import pandas as pd

    figure, panels = plotting.grid(len(settings.classes), ACROSS, (4.4, 3.7), stated=settings)
    labels = [plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.classes]
    colours = plotting.of_labelled(settings.classes)
    numbers = []
    for score, (axes, of_score) in enumerate(zip(panels, settings.classes, strict=True)):
        axes.set_yscale("log")
        contents = []
        splits = {"train": train, "test": test}
        single = {name: replace(split, predicted=split.predicted[:, score]) for name, split in splits.items()}
        for target, (one, label) in enumerate(zip(settings.classes, labels, strict=True)):
            colour = colours[one.name]
            histograms = {name: distribution(split, target) for name, split in single.items()}
            plotting.draw_steps(axes, histograms["train"], color=colour, label=f"{label} (train)")
            plotting.draw_points(axes, histograms["test"], color=colour, marker="o", label=f"{label} (test)")
            names = {"score": of_score.name, "class": one.name}
            numbers += [plotting.frame(filled, split=name, **names) for name, filled in histograms.items()]
            contents += [filled.values() for filled in histograms.values()]
        axes.set_ylim(plotting.log_floor(contents), 2 * max(float(np.max(content)) for content in contents))
        axes.set(xlabel=f"Score of {labels[score]}", xlim=(0, 1))
        axes.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(histograms['test'])}")
    handles, texts = panels[0].get_legend_handles_labels()
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    order = [place for number in range(len(labels)) for place in (number, number + len(labels))]  # column by column
    figure.legend(
        [handles[place] for place in order],
        [texts[place] for place in order],
        loc="outside lower center",
        ncols=len(labels),
        title=title,
    )
    return figure, pd.concat(numbers, ignore_index=True)
