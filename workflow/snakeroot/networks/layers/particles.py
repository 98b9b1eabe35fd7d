"""What networks of particles share: which of a block's positions have one, and dense layers for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import ACTIVATIONS


def shortened(block: Tensor) -> Tensor:
    """Return the block (n, channels + 1, length) without what is padding in all rows, but at least one position.

    An exported graph has one length, whatever its rows are.
    """
    if torch.compiler.is_exporting():
        return block
    mask = block[:, -1] > 0
    return block[:, :, : int((1 + mask.any(0).nonzero()).amax()) if mask.any() else 1]


class Present:
    """The particles of a block, one after the other, without padding: so no layer sees any, nor computes with it.

    When a graph is exported, all positions are taken for particles until they are `spread`: how many there are must not
    depend on its rows.

    Attributes:
        mask: bool (n, length), where there is one.
        channels: of each, (particles, channels).
    """

    def __init__(self, block: Tensor) -> None:
        block = shortened(block)
        self.mask = block[:, -1] > 0
        every = block[:, :-1].transpose(1, 2).flatten(0, 1)
        self.places = None if torch.compiler.is_exporting() else self.mask.flatten().nonzero().squeeze(1)
        self.channels = every if self.places is None else every.index_select(0, self.places)

    def spread(self, values: Tensor) -> Tensor:
        """Put values (particles, units) where the particles were, with 0 elsewhere: (n, length, units)."""
        shape = (*self.mask.shape, values.shape[1])
        if self.places is None:
            return torch.where(self.mask[..., None], values.reshape(shape), 0.0)
        empty = values.new_zeros(self.mask.numel(), values.shape[1])
        return empty.index_copy(0, self.places, values).view(shape)


def activated(width: int, units: Sequence[int], activation: Activation) -> nn.Sequential:
    """Return layers from (…, `width`) to (…, the last of `units`), an activation after each, the last one, too."""
    layers: list[nn.Module] = []
    for before, after in pairwise([width, *units]):
        layers += [nn.Linear(before, after), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers)
