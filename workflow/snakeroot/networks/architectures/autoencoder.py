"""An autoencoder: what a few coordinates can keep of a row; a row that they cannot describe is an unusual one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.inputs import Input, size
from snakeroot.networks.layers import Activation, Hidden, Units
from snakeroot.settings import Mistake, Settings, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("scalar",)
LEARNS = ("unsupervised",)
MISSING = "imputed"


class Architecture(Settings):
    """Settings of the autoencoder."""

    components: Units = Field(2, description="coordinates that it finds, fewer than it has inputs")
    hidden: Hidden = Field([20], description="units of the encoder's hidden layers; the decoder's mirror them")
    activation: Activation = Field("relu", description="torch's activation of this name; none at the coordinates")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that it could copy its inputs."""
    if settings.components >= size(inputs):
        text = f"{settings.components} of {size(inputs)} inputs would be a copy of them: take fewer"
        yield Mistake(("components",), text)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs) to (n, 1 + components): error and coordinates of each row.

    Raises:
        SnakerootError: if it could copy its inputs.
    """
    from snakeroot.networks.layers.autoencoder import Autoencoder

    del outputs  # they follow from the components
    refuse(check(settings, inputs))
    return Autoencoder(size(inputs), settings.hidden, settings.components, settings.activation)
