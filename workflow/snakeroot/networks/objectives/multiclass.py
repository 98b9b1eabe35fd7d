"""Several classes: the cross-entropy of the softmax of as many outputs, that is, against one-hot targets."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from snakeroot.networks.objectives import METRICS
from snakeroot.networks.objectives._objective import Reduction, Training, chunks, reduced
from snakeroot.networks.objectives._ranking import auc


class Objective:
    """Targets are the numbers of the classes."""

    metrics = METRICS["multiclass"]

    def __init__(self, classes: int, smoothing: float = 0.0) -> None:
        self.outputs, self._smoothing = classes, smoothing

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted cross-entropy; of smoothed targets, `smoothing` is shared out among all classes."""
        losses = cross_entropy(outputs, target.long(), reduction="none", label_smoothing=self._smoothing)
        return reduced(losses * weight, reduction)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the weighted loss, accuracy of the likeliest class, and mean AUC of each class against the others."""
        loss, right, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(3))
        for found, wanted, heavy in chunks(outputs, target, weight):
            loss += self.loss(found, wanted, heavy, "none").sum(dtype=torch.float64)
            right += torch.dot(heavy.double(), (found.argmax(1) == wanted.long()).double())
            total += heavy.sum(dtype=torch.float64)
        scores = torch.log_softmax(outputs, 1)
        areas = [auc(scores[:, number], (target == number).to(weight.dtype), weight) for number in range(self.outputs)]
        return torch.stack([loss / total, right / total, torch.stack(areas).mean()])


def make(training: Training, classes: int, unit: float) -> Objective:
    """Return the objective of a training on so many classes."""
    del unit
    return Objective(classes, training.label_smoothing)


def predictions(outputs: Tensor) -> Tensor:
    """Return the probability of each class (n, classes), float64."""
    return torch.softmax(outputs.double(), 1)
