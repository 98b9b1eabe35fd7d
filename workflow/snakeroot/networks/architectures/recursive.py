"""A recursive network over clustering trees [Louppe, Cho, Becot, Cranmer, arXiv:1702.00748, section 3].

The embedding of a jet is that of its tree's root, and of each node a function of its content and of its children's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import lacking
from snakeroot.settings import Mistake, Settings, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("tree", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Settings):
    """Settings of the recursive network; the defaults are the paper's."""

    hidden: int = Field(40, gt=0, le=4096, description="units of an embedding, and of the two dense layers behind it")
    gated: bool = Field(False, description="let gates choose between a node's content and its children's embeddings")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there is no tree."""
    del settings
    yield from lacking("tree", inputs)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more trees and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if there is no tree.
    """
    from snakeroot.networks.layers.dense import dense
    from snakeroot.networks.layers.joined import Joined
    from snakeroot.networks.layers.recursive import Tree

    refuse(check(settings, inputs))
    units = settings.hidden
    return Joined(
        inputs,
        "tree",
        lambda one: Tree(len(one.channels), units, settings.gated),
        lambda width: dense(width, [units, units], outputs, "relu"),
    )
