"""How far predictions are from the target, in units of their spread over replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask
from snakeroot.settings import Name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Pull", 33
SUBJECT = "task"
READS = ("predictions",)

BINS = 51


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    replicated: list[Name] = Field(description="the models that have several replicas")


def applies(settings: Shown) -> bool:
    """Whether a model has an uncertainty."""
    return bool(settings.replicated)


def draw(settings: Shown, predictions: list[Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Draw the distributions of (prediction - target) / spread, with median and half of the central 68 %.

    The prediction is the mean of a model's replicas, the spread their standard deviation (over n - 1).
    """
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.residuals import BAND, Order

    shown = [
        (model, rows, *pulls(rows))
        for model, rows in zip(settings.models, predictions, strict=True)
        if model.name in settings.replicated
    ]
    widest = max(
        (float(np.abs(np.quantile(pull, [0.05, 0.95])).max()) for _, _, _, pull in shown if len(pull)), default=1
    )
    limits = (-max(widest, 4.0), max(widest, 4.0))
    figure, [axes] = plotting.panels(1, stated=settings)
    axes.axvline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    numbers, drawn, highest = [], [], 0.0
    for model, rows, known, pull in shown:
        filled = plotting.histogram(pull, rows.weight[known], limits, BINS)
        view = filled.view(flow=True)
        view["variance"] *= rows.copies  # type: ignore[call-overload]
        drawn.append(plotting.fractions(filled))
        low, median, high = Order(pull).quantiles(rows.weight[known], BAND) if len(pull) else (np.nan,) * 3
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}")
        label += f" ({len(rows.replicas)} replicas): {median:.2g}, {(high - low) / 2:.2g}".replace("-", "−")
        plotting.draw_steps(axes, drawn[-1], label=label, **plotting.stroke(model.number))
        numbers.append(plotting.frame(drawn[-1], model=model.name).assign(median=median, width=(high - low) / 2))
        highest = max(highest, float(np.max(drawn[-1].values())))
    axes.set_ylim(0, 1.1 * (highest or 1.0))
    axes.set(xlabel="(Prediction − target) / spread over replicas", xlim=limits)
    axes.set_ylabel(f"Fraction of {settings.rows} / bin")
    plotting.crown([axes], [plotting.outside(drawn)], loc="upper right", title="median, half of the central 68 %")
    return figure, pd.concat(numbers, ignore_index=True)


def pulls(rows: Predictions) -> tuple[plotting.Floats, plotting.Floats]:
    """Return which rows have a spread above zero, (n,), and of these (prediction - target) / spread."""
    import numpy as np

    spread = np.std(rows.replicas, axis=0, ddof=1)
    known = spread > 0
    return known, (rows.predicted[known] - rows.target[known]) / spread[known]
