"""Losses of a regression that says of each prediction how uncertain it is: proper scores of a stated distribution.

What the outputs are is made sure by the last layer, see snakeroot.networks.layers.uncertain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from snakeroot.networks.objectives import MEDIAN, _objective, shares
from snakeroot.networks.objectives._objective import Reduction, reduced


class Likelihood(_objective.Objective):
    """Outputs are mean and standard deviation of a normal distribution; targets are standardised.

    D. Nix, A. Weigend, Estimating the mean and variance of the target probability distribution, ICNN 1994.

    Args:
        stated: names of what stands beside the prediction.
        unit: the standard deviation of the target, by which it was divided.
    """

    outputs = 2
    kind = "regression"

    def __init__(self, stated: Sequence[str], unit: float = 1.0) -> None:
        self.uncertainties, self.unit = stated, unit

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted negative logarithm of the density at the target, in units of the standardised target."""
        sigma = outputs[:, 1]
        losses = 0.5 * ((target - outputs[:, 0]) / sigma).square() + sigma.log() + 0.5 * math.log(2 * math.pi)
        return reduced(losses * weight, reduction)


class Quantiles(_objective.Objective):
    """Outputs are the median, then other quantiles; targets are standardised.

    R. Koenker, G. Bassett, Regression quantiles, Econometrica 46 (1978) 33.

    Args:
        stated: names of what stands beside the prediction, the median.
        unit: the standard deviation of the target, by which it was divided.
    """

    kind = "regression"

    def __init__(self, stated: Sequence[str], unit: float = 1.0) -> None:
        self.uncertainties, self.unit = stated, unit
        self.outputs = 1 + len(stated)
        self._shares = [MEDIAN, *shares(stated)]

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted pinball losses, each the mean over the quantiles.

        Of a share p it is p × (target - quantile) above the quantile, and (1 - p) × (quantile - target) below.
        """
        share = outputs.new_tensor(self._shares)
        error = target.unsqueeze(1) - outputs
        losses = torch.maximum(share * error, (share - 1) * error).mean(1)
        return reduced(losses * weight, reduction)
