"""ParticleNet [Qu, Gouskos, arXiv:1902.08570]: messages between particles and their nearest neighbours.

Neighbours of a particle are first those closest in direction, and in each further block those that are most alike in
what the block before has found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from snakeroot.networks.channels import places, unknown
from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Hidden, Units, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("sequence", "scalar")
LEARNS = ("binary", "multiclass", "regression")

Layers = Annotated[list[Units], Field(min_length=1, max_length=100)]


class Architecture(Head):
    """Settings of ParticleNet; the defaults are the paper's ParticleNet-Lite.

    Its ParticleNet has 16 neighbours, blocks of [64, 64, 64], [128, 128, 128] and [256, 256, 256], and hidden [256].
    """

    coordinates: list[str] = Field(["deta", "dphi"], min_length=1, description="channels that say where a particle is")
    neighbours: int = Field(7, ge=1, le=1000, description="of each particle, that it gets messages from")
    blocks: list[Layers] = Field(
        [[32, 32, 32], [64, 64, 64]],
        min_length=1,
        max_length=100,
        description="for each block of messages the units of its dense layers",
    )
    hidden: Hidden = Field([128], description="units of the dense layers at the end")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of what each dense layer takes, left out in training")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find names that are no channels of a sequence."""
    yield from lacking("sequence", inputs)
    yield from unknown(inputs, settings.coordinates)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if a sequence has no such channel, or there is none.
    """
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined
    from snakeroot.networks.layers.particle_net import ParticleNet

    refuse(check(settings, inputs))
    return Joined(
        inputs,
        "sequence",
        lambda one: ParticleNet(
            len(one.channels),
            places(one, settings.coordinates),
            settings.neighbours,
            settings.blocks,
            settings.activation,
        ),
        lambda width: head(width, settings, outputs),
    )
