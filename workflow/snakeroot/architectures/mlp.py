"""A dense network: hidden layers of units, an activation and dropout after each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Discriminator, Field, Tag

from snakeroot.inputs import Input, size
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

TAKES = ("scalar", "image", "sequence")
LEARNS = ("binary", "multiclass", "regression")

Activation = Literal["elu", "gelu", "leaky_relu", "mish", "relu", "selu", "sigmoid", "silu", "softplus", "tanh"]


Units = Annotated[int, Field(gt=0, le=65_536)]


class Layers(Settings):
    """Hidden layers that are alike."""

    layers: int = Field(2, ge=0, le=1000, description="hidden layers")
    units: Units = Field(20, description="units of each")


class Architecture(Settings):
    """Settings of the dense network."""

    hidden: Annotated[
        Annotated[list[Units], Tag("~list")] | Annotated[Layers, Tag("~mapping")],
        Discriminator(lambda value: "~mapping" if isinstance(value, dict | Layers) else "~list"),
    ] = Field([20, 20], description="units of each hidden layer; or `{layers: …, units: …}`, all alike")
    activation: Activation = Field("relu", description="torch's activation of this name")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of units left out in each training step")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs) to (n, `outputs`), float32, initialised as torch does."""
    from torch import nn  # noqa: PLC0415 - reading the config must not cost the import of torch

    activations: dict[Activation, type[nn.Module]] = {
        "elu": nn.ELU,
        "gelu": nn.GELU,
        "leaky_relu": nn.LeakyReLU,
        "mish": nn.Mish,
        "relu": nn.ReLU,
        "selu": nn.SELU,
        "sigmoid": nn.Sigmoid,
        "silu": nn.SiLU,
        "softplus": nn.Softplus,
        "tanh": nn.Tanh,
    }
    layers: list[nn.Module] = []
    hidden = settings.hidden if isinstance(settings.hidden, list) else [settings.hidden.units] * settings.hidden.layers
    width = size(inputs)
    for units in hidden:
        layers += [nn.Linear(width, units), activations[settings.activation]()]
        if settings.dropout:
            layers.append(nn.Dropout(settings.dropout))
        width = units
    return nn.Sequential(*layers, nn.Linear(width, outputs))
