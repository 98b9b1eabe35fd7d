"""Convolutions over images."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import ACTIVATIONS
from snakeroot.networks.layers.joined import Encoder


class Convolutions(Encoder):
    """Images (n, channels, height, width) to all pixels of the last layer, (n, filters × height × width).

    Batch normalisation subtracts the mean of each filter's pixels over the rows of the batch, and divides by their
    standard deviation; its running averages, which stand in for them when the network is scored, are buffers. So they
    are part of the state_dict, and with it of checkpoints, of the best epoch, and of the weights' file.
    """

    def __init__(
        self,
        shape: Sequence[int],
        filters: Sequence[int],
        kernel: int,
        pool: int,
        activation: Activation,
        batch_normalisation: bool,
    ) -> None:
        super().__init__()
        channels, height, width = shape
        layers: list[nn.Module] = []
        for before, after in pairwise([channels, *filters]):
            layers.append(nn.Conv2d(before, after, kernel, padding=kernel // 2))
            if batch_normalisation:
                layers.append(nn.BatchNorm2d(after))
            layers += [ACTIVATIONS[activation](), nn.MaxPool2d(pool)]
            height, width = height // pool, width // pool
        self.layers = nn.Sequential(*layers)
        self.width = filters[-1] * height * width

    def forward(self, block: Tensor) -> Tensor:
        """Convolve and pool."""
        features: Tensor = self.layers(block)
        return features.flatten(1)
