"""Kinds of task: one module each, with the `Objective` that a network of that kind is trained for.

Reading the config takes only what stands in this file; the modules import torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from snakeroot.registry import Registry

OBJECTIVES = Registry(__name__, "kind of task")

Kind = Literal["binary", "multiclass", "regression", "unsupervised"]

Loss = Literal["squared_error", "absolute_error", "huber", "log_cosh"]
"""Of a regression. The last three are robust: far outliers pull with a constant force."""

LOSSES: tuple[Loss, ...] = get_args(Loss)

Calibration = Literal["temperature", "isotonic"]
"""How scores of classes are turned into probabilities, after the training."""

Residual = Literal["absolute", "relative"]
"""Of a regression: prediction - target, or that divided by the target."""


def columns(kind: Kind, classes: Sequence[str], coordinates: int = 0) -> list[str]:
    """Return the names of the columns that a network's predictions have.

    Args:
        classes: of a multiclass task.
        coordinates: of an unsupervised network: how many it finds.
    """
    return {
        "binary": ["score"],
        "multiclass": [f"score.{name}" for name in classes],
        "regression": ["prediction"],
        "unsupervised": ["error", *(f"coordinate.{number}" for number in range(coordinates))],
    }[kind]


def unmonitored(monitor: str, steps: int) -> str:
    """Say that no epoch, or step, can be the best."""
    return (
        f"training.monitor: the validation {monitor} was not a number after any epoch ({steps}), so none is the best: "
        "it takes events that differ, and weights that do not cancel; or monitor another value"
    )
