"""Deep sets of particles, after Komiske, Metodiev and Thaler, arXiv:1810.05165."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.joined import Encoder
from snakeroot.networks.layers.particles import Present, activated, shortened

NOTHING = -1e30
"""Logarithm of the momentum of a particle that is not there: of a softmax exactly 0 is left."""


class ParticleFlow(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to Σ_i Φ(particle i), (n, units).

    Φ are dense layers with an activation after each. Particles have no order. A row without any counts as zeros.
    """

    def __init__(self, channels: int, units: Sequence[int], activation: Activation) -> None:
        super().__init__()
        self.width = units[-1]
        self.phi = activated(channels, units, activation)

    def forward(self, block: Tensor) -> Tensor:
        """Sum over the particles."""
        present = Present(block)
        return present.spread(self.phi(present.channels)).sum(1)


class EnergyFlow(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to Σ_i z_i Φ(p̂_i), (n, units).

    z_i = pT_i / Σ_j pT_j is the share of a particle in the momentum of all: a softmax of the logarithms, which so must
    not be scaled. Φ knows the directions p̂ alone, so nothing changes if a particle is split into two of its direction,
    nor if a soft one is added: infrared and collinear safety.

    Args:
        coordinates: places of the channels that are a particle's direction.
        momentum: place of the logarithm of its momentum.
    """

    def __init__(self, coordinates: Sequence[int], momentum: int, units: Sequence[int], activation: Activation) -> None:
        super().__init__()
        self.width = units[-1]
        self.coordinates, self.momentum = list(coordinates), momentum
        self.phi = activated(len(self.coordinates), units, activation)

    def forward(self, block: Tensor) -> Tensor:
        """Sum over the particles, by their shares."""
        block = shortened(block)
        momenta = torch.where(block[:, -1] > 0, block[:, self.momentum], NOTHING)
        shares = momenta.softmax(1)
        present = Present(block)
        found = present.spread(self.phi(present.channels[:, self.coordinates]))
        return (shares[..., None] * found).sum(1)
