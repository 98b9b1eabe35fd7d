"""No target: a network says for each row how badly it describes it, which is its loss, and where the row lies."""

from __future__ import annotations

import torch
from torch import Tensor

from snakeroot.networks.objectives import METRICS
from snakeroot.networks.objectives._objective import Reduction, Training, chunks, reduced


class Objective:
    """Outputs are the loss of the row, and coordinates or memberships; targets mean nothing."""

    outputs = 0
    metrics = METRICS["unsupervised"]

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted loss."""
        del target
        return reduced(outputs[:, 0] * weight, reduction)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the weighted mean loss."""
        loss, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(2))
        for found, wanted, heavy in chunks(outputs, target, weight):
            loss += self.loss(found, wanted, heavy, "none").sum(dtype=torch.float64)
            total += heavy.sum(dtype=torch.float64)
        return torch.stack([loss / total])


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of any training."""
    del training, classes, unit
    return Objective()


def predictions(outputs: Tensor) -> Tensor:
    """Return the outputs (n, 1 + coordinates), as float64."""
    return outputs.double()
