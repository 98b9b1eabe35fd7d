"""Particle flow networks [Komiske, Metodiev, Thaler, arXiv:1810.05165]: F(Σ Φ(particle)), a deep set.

Whatever function of particles without an order there is, is one of a sum over them: of Φ of each particle, here dense
layers, through F, the dense layers at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Hidden, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("sequence", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Head):
    """Settings of the particle flow network; the paper has [100, 100, 256] and [100, 100, 100]."""

    phi: Hidden = Field(
        [64, 64, 128], min_length=1, max_length=100, description="units of the dense layers for each particle"
    )
    hidden: Hidden = Field([64, 64], description="units of the dense layers at the end")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there is no sequence."""
    del settings
    yield from lacking("sequence", inputs)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if there is no sequence.
    """
    from snakeroot.networks.layers.deep_sets import ParticleFlow
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined

    refuse(check(settings, inputs))
    return Joined(
        inputs,
        "sequence",
        lambda one: ParticleFlow(len(one.channels), settings.phi, settings.activation),
        lambda width: head(width, settings, outputs),
    )
