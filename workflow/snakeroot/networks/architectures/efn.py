"""Energy flow networks [Komiske, Metodiev, Thaler, arXiv:1810.05165]: F(Σ z Φ(direction)), z the share of the pT.

Whatever infrared- and collinear-safe function of particles there is can be written so. The score does not change when a
particle is split into two of the same direction, or a very soft one is added; scalars beside the particles, and a
sequence that is too short for all of them, may change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.channels import places, unknown
from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Hidden, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("sequence", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Head):
    """Settings of the energy flow network; the paper has [100, 100, 256] and [100, 100, 100]."""

    coordinates: list[str] = Field(["deta", "dphi"], min_length=1, description="channels that are a direction")
    momentum: str = Field("log_pt", description="channel with the logarithm of pT, which decides how much each counts")
    phi: Hidden = Field(
        [64, 64, 128], min_length=1, max_length=100, description="units of the dense layers for each direction"
    )
    hidden: Hidden = Field([64, 64], description="units of the dense layers at the end")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find names that are no channels of a sequence, and that the momentum is a coordinate, too."""
    yield from lacking("sequence", inputs)
    yield from unknown(inputs, settings.coordinates, settings.momentum)
    if settings.momentum in settings.coordinates:
        yield Mistake(
            ("coordinates", settings.coordinates.index(settings.momentum)),
            f"{settings.momentum!r} is the momentum: the score would not be infrared and collinear safe",
        )


def unscaled(settings: Architecture, inputs: Sequence[Input]) -> Mapping[str, Sequence[str]]:
    """Return the channels that are taken as they are: shares follow from logarithms that nothing has stretched."""
    return {one.name: [settings.momentum] for one in inputs if one.kind == "sequence"}


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if a sequence has no such channel, or there is none.
    """
    from snakeroot.networks.layers.deep_sets import EnergyFlow
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined

    def encoder(one: Input) -> EnergyFlow:
        momentum = one.channels.index(settings.momentum)
        return EnergyFlow(places(one, settings.coordinates), momentum, settings.phi, settings.activation)

    refuse(check(settings, inputs))
    return Joined(inputs, "sequence", encoder, lambda width: head(width, settings, outputs))
