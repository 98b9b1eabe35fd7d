"""`python -m snakeroot.evaluate.roc`: ROC curves of all models of a task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate import performance
from snakeroot.evaluate.predictions import Predictions, of_shown, read
from snakeroot.evaluate.remarks import outside
from snakeroot.evaluate.settings import Curves
from snakeroot.files import read_json


def make(
    settings: Curves,
    predictions: Annotated[list[Path], "predictions of the test split, one file per model (Parquet)"],
    metrics: Annotated[Path, "metrics of all models (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw signal efficiency against background efficiency on the test split, with the area below in the legend."""
    stem = plotting.stem(figure)
    events = [read(path, "test", model.name) for path, model in zip(predictions, settings.models, strict=True)]
    measured = read_json(metrics)["models"]
    tests = [of_shown(measured[model.name])["test"] for model in settings.models]
    with plotting.style():
        drawn, numbers = draw(settings, events, tests)
    plotting.save(drawn, stem, numbers)


def draw(settings: Curves, events: list[Predictions], tests: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the points of its curves."""
    figure, [axes] = plotting.panels(1, size=(5.4, 5.4), stated=settings)
    tables = []
    for model, found, test in zip(settings.models, events, tests, strict=True):
        stroke = plotting.stroke(model.number)
        curve = performance.Ranking(found.target, found.predicted).curve(found.weight)
        background, signal = curve.background_efficiency, curve.signal_efficiency
        kept = plotting.thin(background, signal)
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + found.note
        axes.plot(background[kept], signal[kept], label=f"{label}: {area(test)}", **stroke)
        columns = {"background_efficiency": background[kept], "signal_efficiency": signal[kept], "cut": curve.cut[kept]}
        tables.append(pd.DataFrame({"model": np.full(len(kept), model.name), **columns}))
    axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1, label="no separation: AUC = 0.5")
    axes.set(xlabel="Background efficiency", ylabel="Signal efficiency", xlim=(0, 1), ylim=(0, 1.02), box_aspect=1)
    axes.legend(loc="lower right", fontsize=plotting.small(len(events)))
    return figure, pd.concat(tables, ignore_index=True)


def area(test: dict[str, Any]) -> str:
    """Return "AUC = 0.9512 +0.0021 −0.0019" as math text, with as many digits as the interval deserves.

    Of weights of both signs it may be outside [0, 1], which is said.
    """
    value, low, high = test["auc"], test["auc_low"], test["auc_high"]
    remark = " (negative weights)" if outside("auc", value) else ""
    if low is None:
        return f"AUC = {value:.3f}{remark}"
    digits = digits_for(max(high - value, value - low))
    return f"AUC = ${value:.{digits}f}^{{+{high - value:.{digits}f}}}_{{-{value - low:.{digits}f}}}${remark}"


def digits_for(error: float) -> int:
    """Return the decimals that show two significant digits of `error`, between 3 and 6."""
    return int(np.clip(1 - np.floor(np.log10(error)), 3, 6)) if error > 0 else 4


if __name__ == "__main__":
    main(make)
