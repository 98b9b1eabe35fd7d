"""Interaction networks [Moreno et al., arXiv:1908.05318]: what each pair of particles of a jet does to one of them.

The paper's JEDI-net with the sum over particles, ΣO. Its other one knows particles by their place in the sequence.
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
    """Settings of the interaction network; the paper has [50, 25, 14], [50, 25, 12], [50, 25] and selu."""

    relation: Hidden = Field(
        [30, 15, 10], min_length=1, max_length=100, description="units of the dense layers for each pair: its effect"
    )
    objects: Hidden = Field(
        [30, 15, 10],
        min_length=1,
        max_length=100,
        description="units of the dense layers for each particle and the sum of the effects on it",
    )
    hidden: Hidden = Field([30, 15], description="units of the dense layers at the end")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there is no sequence."""
    del settings
    yield from lacking("sequence", inputs)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more sequences and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if there is no sequence.
    """
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.interaction_network import Interactions
    from snakeroot.networks.layers.joined import Joined

    refuse(check(settings, inputs))
    return Joined(
        inputs,
        "sequence",
        lambda one: Interactions(len(one.channels), settings.relation, settings.objects, settings.activation),
        lambda width: head(width, settings, outputs),
    )
