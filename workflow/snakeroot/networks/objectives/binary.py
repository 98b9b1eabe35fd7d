"""Signal against background: the cross-entropy of one output, the log of the odds of signal."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from snakeroot.networks.objectives import METRICS
from snakeroot.networks.objectives._objective import Reduction, Training, chunks
from snakeroot.networks.objectives._ranking import auc


class Objective:
    """Targets are 0 (background) and 1 (signal)."""

    outputs = 1
    metrics = METRICS["binary"]

    def __init__(self, smoothing: float = 0.0) -> None:
        self._smoothing = smoothing

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted cross-entropy; smoothed, targets are `smoothing / 2` away from 0 and 1."""
        if self._smoothing:
            target = target * (1 - self._smoothing) + self._smoothing / 2
        return binary_cross_entropy_with_logits(outputs.squeeze(1), target, weight, reduction=reduction)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the weighted loss, accuracy at a score of 0.5 and AUC."""
        loss, right, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(3))
        for found, wanted, heavy in chunks(outputs, target, weight):
            loss += self.loss(found, wanted, heavy, "none").sum(dtype=torch.float64)
            right += torch.dot(heavy.double(), ((found.squeeze(1) > 0) == (wanted > 0.5)).double())
            total += heavy.sum(dtype=torch.float64)
        return torch.stack([loss / total, right / total, auc(outputs.squeeze(1), target, weight)])


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of a training."""
    del classes, unit
    return Objective(training.label_smoothing)


def predictions(outputs: Tensor) -> Tensor:
    """Return the probability of signal (n, 1), float64 so that scores next to 1 stay apart."""
    return torch.sigmoid(outputs.double())
