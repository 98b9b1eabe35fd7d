"""An autoencoder: what a few coordinates can keep of a row; a row that they cannot describe is an unusual one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.errors import SnakerootError
from snakeroot.inputs import Input, size
from snakeroot.layers import Activation, Units
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

TAKES = ("scalar",)
LEARNS = ("unsupervised",)


class Architecture(Settings):
    """Settings of the autoencoder."""

    components: Units = Field(2, description="coordinates that it finds, fewer than it has inputs")
    hidden: list[Units] = Field([20], description="units of the encoder's hidden layers; the decoder's mirror them")
    activation: Activation = Field("relu", description="torch's activation of this name; none at the coordinates")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs) to (n, 1 + components): error and coordinates of each row.

    Raises:
        SnakerootError: if it could copy its inputs.
    """
    from snakeroot.layers.autoencoder import Autoencoder  # noqa: PLC0415 - reading the config must not import torch

    del outputs  # they follow from the components
    if settings.components >= size(inputs):
        raise SnakerootError(
            f"components: {settings.components} of {size(inputs)} inputs would be a copy of them: take fewer"
        )
    return Autoencoder(size(inputs), settings.hidden, settings.components, settings.activation)
