"""A number: a loss of the difference between the one output and the target, both standardised.

The network itself turns its output back into the target's unit, so metrics but the loss are in that unit too.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import huber_loss, softplus

from snakeroot.networks.objectives import METRICS, Loss
from snakeroot.networks.objectives._objective import Reduction, Training, chunks, reduced


def log_cosh(error: Tensor) -> Tensor:
    """Return log(cosh(error)), which is error²/2 near 0 and |error| - log 2 far away, without overflow."""
    return error + softplus(-2.0 * error) - math.log(2.0)


def huber(error: Tensor) -> Tensor:
    """Return error²/2 up to 1, |error| - 1/2 beyond."""
    return huber_loss(error, torch.zeros_like(error), reduction="none")


OF_ERROR: dict[Loss, Callable[[Tensor], Tensor]] = {
    "squared_error": torch.square,
    "absolute_error": torch.abs,
    "huber": huber,
    "log_cosh": log_cosh,
}


class Objective:
    """Targets are standardised.

    Args:
        loss: its name.
        unit: the standard deviation of the target, by which it was divided.
    """

    outputs = 1
    metrics = METRICS["regression"]

    def __init__(self, loss: Loss = "squared_error", unit: float = 1.0) -> None:
        self._of, self._unit = OF_ERROR[loss], unit

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted loss."""
        return reduced(self._of(outputs.squeeze(1) - target) * weight, reduction)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the weighted loss, root mean squared and mean absolute error (in the target's unit), and r².

        r² = 1 - squared error / squared deviation from the weighted mean of the targets; NaN if that is not above 0.
        """
        loss, square, absolute, total, spread = (outputs.new_zeros((), dtype=torch.float64) for _ in range(5))
        origin = target[0].double()  # of equal targets the deviation is then 0, and not what rounding makes of it
        mean = torch.dot(target.double() - origin, weight.double()) / weight.sum(dtype=torch.float64)
        for found, wanted, heavy in chunks(outputs, target, weight):
            error, weights = found.squeeze(1).double() - wanted.double(), heavy.double()
            loss += self.loss(found, wanted, heavy, "none").sum(dtype=torch.float64)
            square += torch.dot(error**2, weights)
            absolute += torch.dot(error.abs(), weights)
            spread += torch.dot((wanted.double() - origin - mean) ** 2, weights)
            total += weights.sum()
        errors = (square / total).sqrt() * self._unit, absolute / total * self._unit
        return torch.stack([loss / total, *errors, torch.where(spread > 0, 1 - square / spread, torch.nan)])


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of a training whose target was divided by `unit`."""
    del classes
    return Objective(training.loss, unit)


def predictions(outputs: Tensor) -> Tensor:
    """Return the outputs (n, 1), which are in the target's unit already, as float64."""
    return outputs.double()
