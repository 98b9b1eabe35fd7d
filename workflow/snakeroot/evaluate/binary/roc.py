"""ROC curves of all models of a task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.binary._distribution import digits_for
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "ROC curves", 30
SUBJECT = "task"
READS = ("predictions", "metrics")
OTHERS = True

SHARP = 0.99
"""An area from which on curves lie in the corner, and would coincide on linear axes."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    bootstrap: int = Field(200, description="resamplings of the events for the bands")
    seed: int = Field(0, ge=0, description="seed of the resampling")


def draw(settings: Shown, predictions: list[Predictions], metrics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw signal efficiency against background efficiency on the test split, with the area below in the legend.

    Below, of several models, the signal efficiency relative to that of the first one at the same background efficiency;
    its band is from resampling the same events for both. Where all areas are above 0.99 the background efficiency is on
    a logarithmic axis, and the signal efficiency is shown from where it begins there.
    """
    import pandas as pd

    from snakeroot.evaluate.binary import _bands
    from snakeroot.evaluate.predictions import of_shown

    tests = [of_shown(metrics["models"][model.name])["test"] for model in settings.models]
    sharp = all(test["auc"] is not None and test["auc"] > SHARP for test in tests)
    heights = (3.2, 1) if len(predictions) > 1 else (1,)
    size = (5.6, 6.6) if len(predictions) > 1 else (5.6, 5.4)
    figure, [axes, *ratio] = plotting.panels(*heights, size=size, stated=settings)
    drawn = [_bands.resampled(rows, settings.bootstrap, settings.seed) for rows in predictions]
    tables = []
    for model, rows, test, one in zip(settings.models, predictions, tests, drawn, strict=True):
        stroke = plotting.stroke(model.number)
        table = points(one, drawn[0], sharp=sharp)
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        x = table["background_efficiency"]
        axes.plot(x, table["signal_efficiency"], label=f"{label}: {area(test)}", **stroke)
        axes.fill_between(x, table["low"], table["high"], color=stroke["color"], alpha=0.2, linewidth=0)
        for below in ratio:
            below.plot(x, table["ratio"], **stroke)
            below.fill_between(
                x, table["ratio_low"], table["ratio_high"], color=stroke["color"], alpha=0.2, linewidth=0
            )
        tables.append(table.assign(model=model.name))
    numbers = pd.concat(tables, ignore_index=True)
    limit(axes, numbers, sharp=sharp)
    axes.set_ylabel("Signal efficiency")
    for below in ratio:
        first = settings.models[0]
        below.set_ylabel(
            f"Relative to\n{plotting.checked(first.label, f'evaluation.labels.{first.name}')}", fontsize=11
        )
        below.set_ylim(*around_one(numbers, below.get_xlim()[0]))
    [axes, *ratio][-1].set_xlabel("Background efficiency")
    axes.legend(loc="lower right", fontsize=plotting.small(len(predictions)))
    return figure, numbers


def points(one: Any, reference: Any, *, sharp: bool) -> pd.DataFrame:
    """Return the points of one curve, with its band, and its ratio to the reference's signal efficiency."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.binary import _bands

    background, signal = one.curve.background_efficiency, one.curve.signal_efficiency
    first = background[background > 0].min(initial=1.0)
    kept = plotting.thin(np.log10(np.maximum(background, first)) / 3 if sharp else background, signal)
    x = background[kept]
    table = pd.DataFrame({"background_efficiency": x, "signal_efficiency": signal[kept], "cut": one.curve.cut[kept]})
    own, others = (_bands.at_background(of, x) for of in (one, reference))
    curves = [_bands.along(x, of.curve.background_efficiency, of.curve.signal_efficiency) for of in (one, reference)]
    with np.errstate(invalid="ignore", divide="ignore"):
        table["low"], table["high"] = _bands.ends(own)
        table["ratio"] = curves[0] / curves[1]
        table["ratio_low"], table["ratio_high"] = _bands.ends(own / others)
    bands = ["low", "high", "ratio", "ratio_low", "ratio_high"]
    table[bands] = table[bands].where((table["background_efficiency"] > 0) & np.isfinite(table[bands]).all(axis=1))
    return table


def limit(axes: Axes, numbers: pd.DataFrame, *, sharp: bool) -> None:
    """Show all of linear axes, with the diagonal, or of a logarithmic one where the curves are."""
    if not sharp:
        axes.plot([0, 1], [0, 1], color="#94a4a2", linestyle=":", linewidth=1, label="no separation: AUC = 0.5")
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
        return
    shown = numbers[numbers["background_efficiency"] > 0]
    first = shown["background_efficiency"].min() if len(shown) else 1e-3
    low = min(10.0 ** math.floor(math.log10(1.01 * first)), 0.1)
    least = min(shown["low"].min(), shown["signal_efficiency"].min()) if len(shown) else 0.0
    least = 0.0 if math.isnan(least) else least
    axes.set_xscale("log")
    axes.set(xlim=(low, 1), ylim=(max(0.0, least - 0.4 * (1 - least)), 1 + 0.05 * (1 - least) + 1e-3))


def around_one(numbers: pd.DataFrame, low: float) -> tuple[float, float]:
    """Return the limits of the ratio for what is shown; of a linear axis without its first 2 %, of few events."""
    shown = numbers[numbers["background_efficiency"] >= (low or 0.02)]
    ends = shown[["ratio", "ratio_low", "ratio_high"]].to_numpy()
    far = min(max(abs(ends - 1).max(initial=0.0, where=ends == ends), 0.005), 0.9)  # noqa: PLR0124 - not NaN
    return 1 - 1.15 * far, 1 + 1.15 * far


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
