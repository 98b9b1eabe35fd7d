"""Networks of several inputs: each block is encoded on its own, and one head takes what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from snakeroot.networks.inputs import Input, Kind, places


class Encoder(nn.Module):
    """Maps blocks (n, *shape of the input) to (n, `width`)."""

    width: int


class Joined(nn.Module):
    """Each block of one kind through an encoder of its own; what they find, and the scalars as they are, into a head.

    Attributes:
        encoders: in the order of the inputs.
        head: from (n, width of all encoders, then the scalars) to (n, outputs).
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        kind: Kind,
        encoder: Callable[[Input], Encoder],
        head: Callable[[int], nn.Module],
    ) -> None:
        super().__init__()
        placed = list(zip(places(inputs), inputs, strict=True))
        self._blocks = [(place, one.shape) for place, one in placed if one.kind == kind]
        self._scalars = [place for place, one in placed if one.kind == "scalar"]
        encoders = [encoder(one) for one in inputs if one.kind == kind]
        self.encoders = nn.ModuleList(encoders)
        self.head = head(sum(one.width for one in encoders) + len(self._scalars))

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, size of the inputs) to (n, outputs)."""
        encoded = [
            encoder(rows[:, place].reshape(-1, *shape))
            for encoder, (place, shape) in zip(self.encoders, self._blocks, strict=True)
        ]
        outputs: Tensor = self.head(torch.cat([*encoded, *(rows[:, place] for place in self._scalars)], dim=1))
        return outputs
