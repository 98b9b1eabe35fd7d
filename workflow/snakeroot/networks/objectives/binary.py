"""Signal against background: the cross-entropy of one output, the log of the odds of signal."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from snakeroot.networks.objectives import _objective
from snakeroot.networks.objectives._objective import Reduction, Training


class Objective(_objective.Objective):
    """Targets are 0 (background) and 1 (signal)."""

    outputs = 1
    kind = "binary"

    def __init__(self, smoothing: float = 0.0) -> None:
        self._smoothing = smoothing

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted cross-entropy; smoothed, targets are `smoothing / 2` away from 0 and 1."""
        if self._smoothing:
            target = target * (1 - self._smoothing) + self._smoothing / 2
        return binary_cross_entropy_with_logits(outputs.squeeze(1), target, weight, reduction=reduction)


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of a training."""
    del classes, unit
    return Objective(training.label_smoothing)


def predictions(outputs: Tensor) -> Tensor:
    """Return the probability of signal (n, 1), float64 so that scores next to 1 stay apart."""
    return torch.sigmoid(outputs.double())
