"""ROC curves of all models, each class against the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary.roc import area
from snakeroot.plotting.settings import Labelled, Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "ROC curves, each class against the others", 30
SUBJECT = "task"
READS = ("predictions", "metrics")

ACROSS = 3
"""Panels beside each other."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    classes: list[Labelled] = Field(description="the task's classes, by target")


def draw(settings: Shown, predictions: list[Predictions], metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw for each class its efficiency against that of all others, for cuts on its score, with the area below."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.measures.multiclass import one_against_rest, rankings
    from snakeroot.evaluate.predictions import of_shown

    figure, panels = plotting.grid(len(settings.classes), ACROSS, (4.6, 4.5), stated=settings)
    curves = [one_against_rest(rankings(rows.target, rows.predicted), rows.weight) for rows in predictions]
    tests = [of_shown(metrics["models"][model.name])["test"] for model in settings.models]
    tables = []
    for number, (axes, one) in enumerate(zip(panels, settings.classes, strict=True)):
        for model, rows, test, of_model in zip(settings.models, predictions, tests, curves, strict=True):
            curve = of_model[number]
            others, own = curve.background_efficiency, curve.signal_efficiency
            kept = plotting.thin(others, own)
            label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
            of_class = {key: test[key][one.name] for key in ("auc", "auc_low", "auc_high")}
            axes.plot(others[kept], own[kept], label=f"{label}: {area(of_class)}", **plotting.stroke(model.number))
            names = {"class": np.full(len(kept), one.name), "model": np.full(len(kept), model.name)}
            columns = {"others_efficiency": others[kept], "class_efficiency": own[kept], "cut": curve.cut[kept]}
            tables.append(pd.DataFrame({**names, **columns}))
        axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1)
        label = plotting.checked(one.label, f"evaluation.labels.{one.name}")
        axes.set(xlabel="Efficiency of the others", ylabel=f"Efficiency of {label}", xlim=(0, 1), ylim=(0, 1.02))
        axes.legend(loc="lower right", fontsize=plotting.small(len(predictions)) - 1)
    return figure, pd.concat(tables, ignore_index=True)
