"""The particle transformer [Qu, Li, Qian, arXiv:2202.03772], small: attention between the particles of a jet.

How much two particles attend to each other depends, besides on what they are, on where they lie: on features of the
pair. The paper makes these of momenta; here they are made of the channels that the settings name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from snakeroot.networks.channels import places, unknown
from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Hidden, Units, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("sequence", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Head):
    """Settings of the particle transformer; the paper has 8 + 2 layers of 128 units and 8 heads."""

    coordinates: list[str] = Field(["deta", "dphi"], min_length=1, description="channels that say where a particle is")
    momentum: str | None = Field("log_pt", description="channel with the logarithm of its momentum, if there is one")
    layers: int = Field(2, ge=1, le=100, description="of attention between particles")
    class_layers: int = Field(1, ge=1, le=100, description="of attention of the class token to the particles")
    units: Units = Field(32, description="of a particle's embedding")
    heads: Units = Field(4, description="of each attention; they share the units among them")
    pair_units: Units = Field(16, description="of the dense layer that makes a pair's features a bias for each head")
    hidden: Hidden = Field([], description="units of the dense layers at the end")

    @model_validator(mode="after")
    def _heads_share_the_units(self) -> Architecture:
        if self.units % self.heads:
            raise ValueError(f"units: {self.units} cannot be shared out among {self.heads} heads")
        return self


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find names that are no channels of a sequence."""
    yield from lacking("sequence", inputs)
    yield from unknown(inputs, settings.coordinates, settings.momentum)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if a sequence has no such channel, or there is none.
    """
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined
    from snakeroot.networks.layers.particle_transformer import ParticleTransformer

    def encoder(one: Input) -> ParticleTransformer:
        momentum = one.channels.index(settings.momentum) if settings.momentum else None
        return ParticleTransformer(
            len(one.channels),
            places(one, settings.coordinates),
            momentum,
            layers=settings.layers,
            class_layers=settings.class_layers,
            units=settings.units,
            heads=settings.heads,
            pair_units=settings.pair_units,
            dropout=settings.dropout,
        )

    refuse(check(settings, inputs))
    return Joined(inputs, "sequence", encoder, lambda width: head(width, settings, outputs))
