"""Convolutions along masked sequences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import ACTIVATIONS
from snakeroot.networks.layers.joined import Encoder


class Convolutions(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to (n, filters of the last layer).

    A convolution is torch's, without a flip: with three positions c_i = f_0 x_(i-1) + f_1 x_i + f_2 x_(i+1) + bias,
    summed over the channels, where x is 0 beyond the ends. What a layer finds where the mask is 0 is set to 0, so that
    more padding changes nothing. A row without any position counts as zeros.
    """

    def __init__(
        self,
        channels: int,
        filters: Sequence[int],
        kernel: int,
        activation: Activation,
        pooling: Literal["max", "mean"],
    ) -> None:
        super().__init__()
        self.width = filters[-1]
        self.convolutions = nn.ModuleList(
            nn.Conv1d(before, after, kernel, padding=kernel // 2) for before, after in pairwise([channels, *filters])
        )
        self.activation = ACTIVATIONS[activation]()
        self.pool = masked_max if pooling == "max" else masked_mean

    def forward(self, block: Tensor) -> Tensor:
        """Convolve, and pool over what is not masked."""
        values, mask = block[:, :-1], block[:, -1:]
        for convolution in self.convolutions:
            values = self.activation(convolution(values)) * mask
        return self.pool(values, mask)


def masked_max(values: Tensor, mask: Tensor) -> Tensor:
    """Return the maxima (n, filters) of (n, filters, length) where the mask (n, 1, length) is 1; else 0."""
    maxima = values.masked_fill(mask == 0, -torch.inf).amax(2)
    return torch.where(mask.any(2), maxima, 0.0)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the means (n, filters) of (n, filters, length), which is 0 where the mask (n, 1, length) is; else 0."""
    return values.sum(2) / mask.sum(2).clamp(min=1)
