"""Several classes: the cross-entropy of the softmax of as many outputs, that is, against one-hot targets."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from snakeroot.networks.objectives import _objective
from snakeroot.networks.objectives._objective import Reduction, Training, reduced


class Objective(_objective.Objective):
    """Targets are the numbers of the classes."""

    kind = "multiclass"

    def __init__(self, classes: int, smoothing: float = 0.0) -> None:
        self.outputs, self._smoothing = classes, smoothing

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted cross-entropy; of smoothed targets, `smoothing` is shared out among all classes."""
        losses = cross_entropy(outputs, target.long(), reduction="none", label_smoothing=self._smoothing)
        return reduced(losses * weight, reduction)


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of a training on so many classes."""
    del unit
    return Objective(classes, training.label_smoothing)


def predictions(outputs: Tensor) -> Tensor:
    """Return the probability of each class (n, classes), float64."""
    return torch.softmax(outputs.double(), 1)
