"""The share of the target's variance that is explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from snakeroot.networks.objectives._objective import Objective

TITLE, ORDER = "r²", 3
KINDS = ("regression",)
MAXIMISED, OF_TARGET, DECADES = True, False, False


def measure(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return 1 - squared error / squared deviation of the targets from their weighted mean; NaN if that is 0."""
    import torch

    from snakeroot.networks.objectives._objective import chunks

    del objective
    square, spread = (outputs.new_zeros((), dtype=torch.float64) for _ in range(2))
    origin = target[0].double()  # of equal targets the deviation is then 0, and not what rounding makes of it
    mean = torch.dot(target.double() - origin, weight.double()) / weight.sum(dtype=torch.float64)
    for predicted, wanted, heavy in chunks(outputs, target, weight):
        error, weights = predicted[:, 0].double() - wanted.double(), heavy.double()
        square += torch.dot(error**2, weights)
        spread += torch.dot((wanted.double() - origin - mean) ** 2, weights)
    return torch.where(spread > 0, 1 - square / spread, torch.nan)
