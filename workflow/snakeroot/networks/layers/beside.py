"""A layer for the outputs of the first of several targets alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Beside(nn.Module):
    """A layer for all outputs but the last ones, which stay what they are.

    Args:
        layer: from outputs (n, k) to as many.
        others: how many the last ones are.
    """

    def __init__(self, layer: nn.Module, others: int) -> None:
        super().__init__()
        self.layer, self._others = layer, others

    def forward(self, outputs: Tensor) -> Tensor:
        """Map outputs (n, k + others) to as many, in the precision of the layer."""
        own = outputs.shape[1] - self._others
        first: Tensor = self.layer(outputs[:, :own])
        return torch.cat([first, outputs[:, own:].to(first.dtype)], dim=1)
