"""Interaction networks of particles, after Moreno et al., arXiv:1908.05318 (JEDI-net)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import ACTIVATIONS
from snakeroot.networks.layers.joined import Encoder
from snakeroot.networks.layers.particles import activated, shortened


class Interactions(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to Σ_i O_i, (n, units of the last object layer).

    Of each ordered pair of two particles f_R makes an effect, E_ij = f_R(x_i, x_j); the effects on a particle are
    summed, and f_O makes of it and of them O_i = f_O(x_i, Σ_j E_ij). f_R and f_O are dense layers with an activation
    after each.

    There is no order, nor does padding count: it is the paper's "JEDI-net with ΣO". A row without any counts as zeros.

    The first layer of f_R is two, one for each particle of a pair, whose results are added: the same function, computed
    for each particle and not for each pair.
    """

    def __init__(self, channels: int, relation: Sequence[int], objects: Sequence[int], activation: Activation) -> None:
        super().__init__()
        self.width = objects[-1]
        self.receiver = nn.Linear(channels, relation[0])
        self.sender = nn.Linear(channels, relation[0], bias=False)
        self.relation = nn.Sequential(ACTIVATIONS[activation](), *activated(relation[0], relation[1:], activation))
        self.object = activated(channels + relation[-1], objects, activation)

    def forward(self, block: Tensor) -> Tensor:
        """Let each particle feel the others, and sum over what became of them."""
        block = shortened(block).transpose(1, 2)
        particles, mask = block[..., :-1], block[..., -1:] > 0
        effects = self.relation(self.receiver(particles)[:, :, None] + self.sender(particles)[:, None])
        others = mask[:, None] & ~torch.eye(mask.shape[1], dtype=torch.bool, device=mask.device)[..., None]
        felt = torch.where(others, effects, 0.0).sum(2)
        became = self.object(torch.cat([particles, felt], dim=2))
        return torch.where(mask, became, 0.0).sum(1)
