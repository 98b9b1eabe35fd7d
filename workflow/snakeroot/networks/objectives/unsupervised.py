"""No target: a network says for each row how badly it describes it, which is its loss, and where the row lies."""

from __future__ import annotations

from torch import Tensor

from snakeroot.networks.objectives import _objective
from snakeroot.networks.objectives._objective import Reduction, Training, reduced


class Objective(_objective.Objective):
    """Outputs are the loss of the row, and coordinates or memberships; targets mean nothing."""

    outputs = 0
    kind = "unsupervised"

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted loss."""
        del target
        return reduced(outputs[:, 0] * weight, reduction)


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of any training."""
    del training, classes, unit
    return Objective()


def predictions(outputs: Tensor) -> Tensor:
    """Return the outputs (n, 1 + coordinates), as float64."""
    return outputs.double()
