"""Kinds of task: one module each, with the `Objective` that a network of that kind is trained for.

Reading the config takes only what stands in this file; the modules import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from snakeroot.registry import Registry

OBJECTIVES = Registry(__name__, "kind of task")

Kind = Literal["binary", "multiclass", "regression", "unsupervised"]

Loss = Literal["squared_error", "absolute_error", "huber", "log_cosh", "likelihood", "quantiles"]
"""Of a regression. The three after the first are robust: far outliers pull with a constant force. The last two also say
how uncertain each prediction is.
"""

LOSSES: tuple[Loss, ...] = get_args(Loss)

SIGMA, QUANTILE, MEDIAN = "sigma", "quantile.", 0.5
"""Columns of what a regression says of its own uncertainty: the standard deviation, and how those of quantiles begin;
the median has none, as it is the prediction.
"""

Calibration = Literal["temperature", "isotonic"]
"""How scores of classes are turned into probabilities, after the training."""

Residual = Literal["absolute", "relative"]
"""Of a regression: prediction - target, or that divided by the target."""


def uncertainties(loss: Loss, quantiles: Sequence[float]) -> list[str]:
    """Return the columns beside the prediction of a regression that is trained for a loss; most have none."""
    if loss == "likelihood":
        return [SIGMA]
    return [f"{QUANTILE}{share}" for share in quantiles if share != MEDIAN] if loss == "quantiles" else []


def shares(uncertainties: Sequence[str]) -> list[float]:
    """Return the shares that columns of quantiles are of."""
    return [float(name.removeprefix(QUANTILE)) for name in uncertainties]


def columns(kind: Kind, classes: Sequence[str], coordinates: int = 0, uncertainties: Sequence[str] = ()) -> list[str]:
    """Return the names of the columns that a network's predictions have.

    Args:
        classes: of a multiclass task.
        coordinates: of an unsupervised network: how many it finds.
        uncertainties: of a regression: what stands beside the prediction.
    """
    return {
        "binary": ["score"],
        "multiclass": [f"score.{name}" for name in classes],
        "regression": ["prediction", *uncertainties],
        "unsupervised": ["error", *(f"coordinate.{number}" for number in range(coordinates))],
    }[kind]


def unmonitored(monitor: str, steps: int) -> str:
    """Say that no epoch, or step, can be the best."""
    return (
        f"training.monitor: the validation {monitor} was not a number after any epoch ({steps}), so none is the best: "
        "it takes events that differ, and weights that do not cancel; or monitor another value"
    )
