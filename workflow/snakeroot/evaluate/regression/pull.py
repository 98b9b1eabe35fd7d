"""How far predictions are from the target, in units of what a model states as σ, or of its spread over replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    normal: list[Name] = Field([], description="the models that state a standard deviation")


def applies(settings: Shown) -> bool:
    """Whether a model has an uncertainty."""
    return bool(settings.replicated or settings.normal)


def draw(settings: Shown, predictions: list[Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Draw the distributions of (prediction - target) / uncertainty, with median and half of the central 68 %.

    The uncertainty is the standard deviation that a model states: if it is right, the distribution is normal with a
    width of 1. Models that state none are shown where no model does: it is that of their replicas (over n - 1), which
    is so much smaller that both would not be seen together.
    """
    import numpy as np
    import pandas as pd
    from scipy.special import ndtr

    from snakeroot.evaluate.residuals import BAND, Order

    shown = [
        (model, rows, *pulls(rows))
        for model, rows in zip(settings.models, predictions, strict=True)
        if model.name in (settings.normal or settings.replicated)
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
        label += rows.note if settings.normal else f" ({len(rows.replicas)} replicas)"
        label += f": {median:.2g}, {(high - low) / 2:.2g}".replace("-", "−")
        plotting.draw_steps(axes, drawn[-1], label=label, **plotting.stroke(model.number))
        numbers.append(plotting.frame(drawn[-1], model=model.name).assign(median=median, width=(high - low) / 2))
        highest = max(highest, float(np.max(drawn[-1].values())))
    if settings.normal:
        edges = np.linspace(*limits, BINS + 1)
        expected = np.diff(ndtr(edges))
        axes.stairs(expected, edges, color="#1d232b", linestyle=":", linewidth=1.2, label="normal: 0, 1")
        highest = max(highest, float(expected.max()))
    axes.set_ylim(0, 1.1 * (highest or 1.0))
    by = "σ" if settings.normal else "spread over replicas"
    axes.set(xlabel=f"(Prediction − target) / {by}", xlim=limits)
    axes.set_ylabel(f"Fraction of {settings.rows} / bin")
    plotting.crown([axes], [plotting.outside(drawn)], loc="upper right", title="median, half of the central 68 %")
    return figure, pd.concat(numbers, ignore_index=True)


def pulls(rows: Predictions) -> tuple[Any, plotting.Floats]:
    """Return which rows have an uncertainty above zero, (n,), and of these (prediction - target) / uncertainty."""
    import numpy as np

    from snakeroot.networks.objectives import SIGMA

    normal = rows.stated is not None and rows.stated.names == (SIGMA,)
    spread: plotting.Floats
    spread = rows.stated.shown[:, 0] if rows.stated and normal else np.std(rows.replicas, axis=0, ddof=1)
    known = np.asarray(spread > 0)
    return known, (rows.predicted[known] - rows.target[known]) / spread[known]
