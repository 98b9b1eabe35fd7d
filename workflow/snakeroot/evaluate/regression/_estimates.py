"""What the figures that compare the models of a regression draw: their estimates of the target, and the reference's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from snakeroot import plotting
from snakeroot.evaluate.join import column
from snakeroot.evaluate.predictions import Predictions, of_shown
from snakeroot.evaluate.regression._compared import Compared
from snakeroot.evaluate.resampling import Floats
from snakeroot.evaluate.residuals import residuals
from snakeroot.plotting.settings import Axis

TARGET = "target"
"""How its axis is called, and labelled by default."""
REFERENCE = {"color": "#1d232b", "linestyle": "-"}


@dataclass(frozen=True)
class Estimate:
    """A model, or the reference.

    Attributes:
        name, label: of it.
        rows: the test split; what is predicted is the mean of the replicas, or the reference's values.
        residual: (n,).
        test: its metrics.
        stroke: how its lines are drawn.
    """

    name: str
    label: str
    rows: Predictions
    residual: Floats
    test: dict[str, Any]
    stroke: dict[str, Any]


def estimates(
    settings: Compared, predictions: Sequence[Predictions], features: Sequence[Path], metrics: dict[str, Any]
) -> list[Estimate]:
    """Return all models and, if there is one, the reference, whose values are read from the features."""
    compared = []
    for model, rows in zip(settings.models, predictions, strict=True):
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        difference = residuals(rows.target, rows.predicted, settings.residual)
        test = of_shown(metrics["models"][model.name])["test"]
        compared.append(Estimate(model.name, label, rows, difference, test, plotting.stroke(model.number)))
    if settings.reference:
        values = column(predictions[0].path, features, settings.reference.name)
        rows = replace(compared[0].rows, predicted=values, replicas=[values])
        label = plotting.checked(settings.reference.label, f"evaluation.labels.{settings.reference.name}")
        difference = residuals(rows.target, values, settings.residual)
        test = metrics["reference"]["test"]
        compared.append(Estimate(settings.reference.name, label, rows, difference, test, REFERENCE))
    return compared


def target_label(axis: Axis, what: str) -> str:
    """Return the label of an axis of the target: "Target: mass [GeV]"; without a label of its own "Target [GeV]"."""
    if axis.label != TARGET:
        return f"{what}: {plotting.axis_label(axis.label, axis.unit, TARGET)}"
    return plotting.axis_label(what, axis.unit, TARGET)


def unit(settings: Compared) -> str:
    """Return the unit of a residual; relative ones have none."""
    return (
        plotting.checked(settings.target.unit, "evaluation.axes.target.unit") if settings.residual == "absolute" else ""
    )


def with_unit(text: str, settings: Compared) -> str:
    """Return the text of something that is measured as a residual is, with its unit."""
    return f"{text} [{unit(settings)}]" if unit(settings) else text


def span(compared: Sequence[Estimate]) -> tuple[float, float]:
    """Return the range of residuals that is shown, around 0: three times as wide as the widest central 68 %."""
    widest = max(float(np.max(np.abs(np.quantile(one.residual, [0.16, 0.84])))) for one in compared)
    return (-3 * widest, 3 * widest) if widest > 0 else (-1.0, 1.0)
