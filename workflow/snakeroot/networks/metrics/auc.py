"""The area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from snakeroot.networks.objectives._objective import Objective

TITLE, ORDER = "AUC", 2
KINDS = ("binary", "multiclass")
MAXIMISED, OF_TARGET, DECADES = True, False, False


def measure(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the AUC of signal or, of several classes, the mean of those of each class against the others."""
    import torch

    from snakeroot.networks.metrics._ranking import auc

    del objective
    if outputs.shape[1] == 1:
        return auc(outputs.squeeze(1), target, weight)
    scores = torch.log_softmax(outputs, 1)
    classes = range(outputs.shape[1])
    return torch.stack([auc(scores[:, one], (target == one).to(weight.dtype), weight) for one in classes]).mean()
