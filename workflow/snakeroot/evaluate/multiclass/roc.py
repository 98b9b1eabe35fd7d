"""`python -m snakeroot.evaluate.multiclass.roc`: ROC curves of all models, each class against the others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.measures.multiclass import one_against_rest, rankings
from snakeroot.evaluate.multiclass.settings import ClassCurves
from snakeroot.evaluate.predictions import Predictions, multiclass, of_shown
from snakeroot.evaluate.roc import area
from snakeroot.files import read_json

ACROSS = 3
"""Panels beside each other."""


def make(
    settings: ClassCurves,
    predictions: Annotated[list[Path], "predictions of the test split, one file per model (Parquet)"],
    metrics: Annotated[Path, "metrics of all models (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw for each class its efficiency against that of all others, for cuts on its score, with the area below."""
    stem = plotting.stem(figure)
    classes = [one.name for one in settings.classes]
    pairs = zip(predictions, settings.models, strict=True)
    events = [multiclass(path, "test", model.name, classes) for path, model in pairs]
    measured = read_json(metrics)["models"]
    tests = [of_shown(measured[model.name])["test"] for model in settings.models]
    with plotting.style():
        drawn, numbers = draw(settings, events, tests)
    plotting.save(drawn, stem, numbers)


def draw(settings: ClassCurves, events: list[Predictions], tests: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the points of its curves."""
    figure, panels = plotting.grid(len(settings.classes), ACROSS, (4.6, 4.5), stated=settings)
    curves = [one_against_rest(rankings(found.target, found.predicted), found.weight) for found in events]
    tables = []
    for number, (axes, one) in enumerate(zip(panels, settings.classes, strict=True)):
        for model, found, test, of_model in zip(settings.models, events, tests, curves, strict=True):
            curve = of_model[number]
            others, own = curve.background_efficiency, curve.signal_efficiency
            kept = plotting.thin(others, own)
            label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + found.note
            of_class = {key: test[key][one.name] for key in ("auc", "auc_low", "auc_high")}
            axes.plot(others[kept], own[kept], label=f"{label}: {area(of_class)}", **plotting.stroke(model.number))
            names = {"class": np.full(len(kept), one.name), "model": np.full(len(kept), model.name)}
            columns = {"others_efficiency": others[kept], "class_efficiency": own[kept], "cut": curve.cut[kept]}
            tables.append(pd.DataFrame({**names, **columns}))
        axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1)
        label = plotting.checked(one.label, f"evaluation.labels.{one.name}")
        axes.set(xlabel="Efficiency of the others", ylabel=f"Efficiency of {label}", xlim=(0, 1), ylim=(0, 1.02))
        axes.legend(loc="lower right", fontsize=plotting.small(len(events)) - 1)
    return figure, pd.concat(tables, ignore_index=True)


if __name__ == "__main__":
    main(make)
