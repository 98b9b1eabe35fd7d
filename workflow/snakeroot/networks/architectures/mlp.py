"""A dense network: hidden layers of units, an activation and dropout after each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Discriminator, Field, Tag

from snakeroot.networks.inputs import Input, size
from snakeroot.networks.layers import Activation, Hidden, Units
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

TAKES = ("scalar", "image", "sequence")
LEARNS = ("binary", "multiclass", "regression")


class Layers(Settings):
    """Hidden layers that are alike."""

    layers: int = Field(2, ge=0, le=1000, description="hidden layers")
    units: Units = Field(20, description="units of each")


class Architecture(Settings):
    """Settings of the dense network."""

    hidden: Annotated[
        Annotated[Hidden, Tag("~list")] | Annotated[Layers, Tag("~mapping")],
        Discriminator(lambda value: "~mapping" if isinstance(value, dict | Layers) else "~list"),
    ] = Field([20, 20], description="units of each hidden layer; or `{layers: …, units: …}`, all alike")
    activation: Activation = Field("relu", description="torch's activation of this name")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of units left out in each training step")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs) to (n, `outputs`), float32, initialised as torch does."""
    from snakeroot.networks.layers.dense import dense

    hidden = settings.hidden if isinstance(settings.hidden, list) else [settings.hidden.units] * settings.hidden.layers
    return dense(size(inputs), hidden, outputs, settings.activation, settings.dropout)
