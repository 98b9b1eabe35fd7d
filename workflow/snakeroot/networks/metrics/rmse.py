"""The root of the mean squared error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from snakeroot.networks.objectives._objective import Objective

TITLE, ORDER = "RMSE", 1
KINDS = ("regression",)
MAXIMISED, OF_TARGET, DECADES = False, True, True


def measure(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return it in the unit of the target."""
    import torch

    from snakeroot.networks.objectives._objective import chunks

    square, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(2))
    for predicted, wanted, heavy in chunks(outputs, target, weight):
        error, weights = predicted[:, 0].double() - wanted.double(), heavy.double()
        square += torch.dot(error**2, weights)
        total += weights.sum()
    return (square / total).sqrt() * objective.unit
