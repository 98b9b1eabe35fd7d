"""The weighted mean of what a network is trained for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from snakeroot.networks.objectives._objective import Objective

TITLE, ORDER = "Loss", 0
KINDS = ("binary", "multiclass", "regression", "unsupervised")
MAXIMISED, OF_TARGET, DECADES = False, False, True


def measure(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the sum of the weighted losses, divided by that of the weights."""
    import torch

    from snakeroot.networks.objectives._objective import chunks

    loss, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(2))
    for predicted, wanted, heavy in chunks(outputs, target, weight):
        loss += objective.loss(predicted, wanted, heavy, "none").sum(dtype=torch.float64)
        total += heavy.sum(dtype=torch.float64)
    return loss / total
