"""Convolutions along sequences: each layer sees what stands next to each other; then one number for each filter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Kernel, Units, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("sequence", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Head):
    """Settings of the convolutional network."""

    filters: list[Units] = Field([32, 32], min_length=1, max_length=100, description="of each layer of convolutions")
    kernel: Kernel = Field(
        3, description="positions that a filter sees, an odd number; beyond the ends there are zeros"
    )
    pooling: Literal["max", "mean"] = Field(
        "max", description="what is kept of a filter: over the positions not masked"
    )


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there is no sequence."""
    del settings
    yield from lacking("sequence", inputs)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if there is no sequence.
    """
    from snakeroot.networks.layers.conv1d import Convolutions
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined

    refuse(check(settings, inputs))
    return Joined(
        inputs,
        "sequence",
        lambda one: Convolutions(
            len(one.channels), settings.filters, settings.kernel, settings.activation, settings.pooling
        ),
        lambda width: head(width, settings, outputs),
    )
