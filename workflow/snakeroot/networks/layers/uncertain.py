"""Last layers of a regression that says how uncertain it is: they have nothing to learn, and keep outputs sensible."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from snakeroot.networks.objectives import MEDIAN

WIDEST = math.log(1e3)
"""Bound of |log σ|, of σ in standard deviations of the target: so that no loss and no gradient overflows."""


class Normal(nn.Module):
    """From any two numbers to a mean and a standard deviation between 0.001 and 1000."""

    def forward(self, outputs: Tensor) -> Tensor:
        """Map outputs (n, 2) to mean and standard deviation, (n, 2)."""
        # not a clamp, beyond which there would be no gradient that leads back
        sigma = torch.exp(WIDEST * torch.tanh(outputs[:, 1:] / WIDEST))
        return torch.cat([outputs[:, :1], sigma], dim=1)


class Rising(nn.Module):
    """From any numbers to the median and quantiles that never cross: each is a positive step away from the one before.

    Args:
        shares: of the quantiles beside the median, rising.
    """

    def __init__(self, shares: Sequence[float]) -> None:
        super().__init__()
        self._below = sum(share < MEDIAN for share in shares)

    def forward(self, outputs: Tensor) -> Tensor:
        """Map outputs (n, 1 + shares) to the median and, in their order, the other quantiles."""
        median, steps = outputs[:, :1], softplus(outputs[:, 1:])
        below, above = [median], [median]
        for place in reversed(range(self._below)):
            below.append(below[-1] - steps[:, place : place + 1])
        for place in range(self._below, steps.shape[1]):
            above.append(above[-1] + steps[:, place : place + 1])
        return torch.cat([median, *reversed(below[1:]), *above[1:]], dim=1)
