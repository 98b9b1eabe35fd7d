"""ROC curves of all models of a task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "ROC curves", 30
SUBJECT = "task"
READS = ("predictions", "metrics")


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")


def draw(settings: Shown, predictions: list[Predictions], metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw signal efficiency against background efficiency on the test split, with the area below in the legend."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate import performance
    from snakeroot.evaluate.predictions import of_shown

    figure, [axes] = plotting.panels(1, size=(5.4, 5.4), stated=settings)
    tables = []
    for model, rows in zip(settings.models, predictions, strict=True):
        stroke = plotting.stroke(model.number)
        curve = performance.Ranking(rows.target, rows.predicted).curve(rows.weight)
        background, signal = curve.background_efficiency, curve.signal_efficiency
        kept = plotting.thin(background, signal)
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        test = of_shown(metrics["models"][model.name])["test"]
        axes.plot(background[kept], signal[kept], label=f"{label}: {area(test)}", **stroke)
        columns = {"background_efficiency": background[kept], "signal_efficiency": signal[kept], "cut": curve.cut[kept]}
        tables.append(pd.DataFrame({"model": np.full(len(kept), model.name), **columns}))
    axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1, label="no separation: AUC = 0.5")
    axes.set(xlabel="Background efficiency", ylabel="Signal efficiency", xlim=(0, 1), ylim=(0, 1.02), box_aspect=1)
    axes.legend(loc="lower right", fontsize=plotting.small(len(predictions)))
    return figure, pd.concat(tables, ignore_index=True)


def area(test: dict[str, Any]) -> str:
    """Return "AUC = 0.9512 +0.0021 −0.0019" as math text, with as many digits as the interval deserves.

    Of weights of both signs it may be outside [0, 1], which is said.
    """
    from snakeroot.evaluate.reported.binary import AUC

    value, low, high = test["auc"], test["auc_low"], test["auc_high"]
    remark = " (negative weights)" if AUC.outside(value) else ""
    if low is None:
        return f"AUC = {value:.3f}{remark}"
    digits = digits_for(max(high - value, value - low))
    return f"AUC = ${value:.{digits}f}^{{+{high - value:.{digits}f}}}_{{-{value - low:.{digits}f}}}${remark}"


def digits_for(error: float) -> int:
    """Return the decimals that show two significant digits of `error`, between 3 and 6."""
    return min(max(1 - math.floor(math.log10(error)), 3), 6) if error > 0 else 4
