"""A number: a loss of the difference between the one output and the target, both standardised; or of a distribution.

The network itself turns its output back into the target's unit, so metrics but the loss are in that unit too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import huber_loss, softplus

from snakeroot.networks.layers.uncertain import Normal, Rising
from snakeroot.networks.objectives import SIGMA, Loss, _objective, shares, uncertainties
from snakeroot.networks.objectives._objective import Reduction, Training, reduced
from snakeroot.networks.objectives._uncertain import Likelihood, Quantiles


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


class Objective(_objective.Objective):
    """Targets are standardised.

    Args:
        loss: its name.
        unit: the standard deviation of the target, by which it was divided.
    """

    outputs = 1
    kind = "regression"

    def __init__(self, loss: Loss = "squared_error", unit: float = 1.0) -> None:
        self._of, self.unit = OF_ERROR[loss], unit

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted loss."""
        return reduced(self._of(outputs.squeeze(1) - target) * weight, reduction)


def make(training: Training, classes: int, unit: float) -> _objective.Objective:
    """Return the objective of a training whose target was divided by `unit`."""
    del classes
    stated = uncertainties(training.loss, training.quantiles)
    if training.loss == "likelihood":
        return Likelihood(stated, unit)
    return Quantiles(stated, unit) if training.loss == "quantiles" else Objective(training.loss, unit)


def last(uncertainties: Sequence[str]) -> nn.Module:
    """Return the layer that makes of any outputs (n, 1 + uncertainties) a prediction and what is stated beside it."""
    return Normal() if list(uncertainties) == [SIGMA] else Rising(shares(uncertainties))


def predictions(outputs: Tensor) -> Tensor:
    """Return the outputs (n, 1 + uncertainties), which are in the target's unit already, as float64."""
    return outputs.double()
