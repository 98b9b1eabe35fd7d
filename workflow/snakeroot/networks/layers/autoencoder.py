"""The layers of an autoencoder."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import dense


class Autoencoder(nn.Module):
    """Dense layers to a few coordinates, and dense layers back.

    Without hidden layers the best there is spans the same space as the leading principal components.
    """

    def __init__(self, width: int, hidden: Sequence[int], components: int, activation: Activation) -> None:
        super().__init__()
        self.encoder = dense(width, hidden, components, activation)
        self.decoder = dense(components, hidden[::-1], width, activation)

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, width) to (n, 1 + components): the mean squared error of a row, then its coordinates."""
        coordinates = self.encoder(rows)
        error = (self.decoder(coordinates) - rows).square().mean(1, keepdim=True)
        return torch.cat([error, coordinates], dim=1)
