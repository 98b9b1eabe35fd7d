"""`python -m snakeroot.evaluate.multiclass.scores`: a model's scores by class, test against train."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.multiclass.settings import ModelClasses
from snakeroot.evaluate.predictions import Predictions, multiclass
from snakeroot.evaluate.scores import distribution

ACROSS = 3
"""Panels beside each other."""


def make(
    settings: ModelClasses,
    train: Annotated[Path, "predictions of the train split (Parquet)"],
    test: Annotated[Path, "predictions of the test split (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw for each class the distributions of its score in all classes: train as a line, test as points."""
    stem = plotting.stem(figure)
    classes = [one.name for one in settings.classes]
    files = {"train": train, "test": test}
    splits = {split: multiclass(path, split, settings.model.name, classes) for split, path in files.items()}
    with plotting.style():
        drawn, numbers = draw(settings, splits)
    plotting.save(drawn, stem, numbers)


def draw(settings: ModelClasses, splits: dict[str, Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure, a panel for each score, and the contents of its histograms, each divided by its sum."""
    figure, panels = plotting.grid(len(settings.classes), ACROSS, (4.4, 3.7), stated=settings)
    labels = [plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.classes]
    colours = plotting.of_classes(one.name for one in settings.classes)
    numbers = []
    for score, (axes, of_score) in enumerate(zip(panels, settings.classes, strict=True)):
        axes.set_yscale("log")
        contents = []
        single = {name: replace(split, predicted=split.predicted[:, score]) for name, split in splits.items()}
        for target, (one, label) in enumerate(zip(settings.classes, labels, strict=True)):
            colour = colours[one.name]
            found = {name: distribution(split, target) for name, split in single.items()}
            plotting.draw_steps(axes, found["train"], color=colour, label=f"{label} (train)")
            plotting.draw_points(axes, found["test"], color=colour, marker="o", label=f"{label} (test)")
            names = {"score": of_score.name, "class": one.name}
            numbers += [plotting.frame(filled, split=name, **names) for name, filled in found.items()]
            contents += [filled.values() for filled in found.values()]
        axes.set_ylim(plotting.log_floor(contents), 2 * max(float(np.max(content)) for content in contents))
        axes.set(xlabel=f"Score of {labels[score]}", xlim=(0, 1))
        axes.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(found['test'])}")
    handles, texts = panels[0].get_legend_handles_labels()
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + splits["test"].note
    order = [place for number in range(len(labels)) for place in (number, number + len(labels))]  # column by column
    figure.legend(
        [handles[place] for place in order],
        [texts[place] for place in order],
        loc="outside lower center",
        ncols=len(labels),
        title=title,
    )
    return figure, pd.concat(numbers, ignore_index=True)


if __name__ == "__main__":
    main(make)
