"""The layers of architectures: one module each, and what several use. The settings in this file import no torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from snakeroot.settings import Settings

Activation = Literal["elu", "gelu", "leaky_relu", "mish", "relu", "selu", "sigmoid", "silu", "softplus", "tanh"]

Units = Annotated[int, Field(gt=0, le=65_536)]


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError(f"a kernel has a middle, so its size is odd: {size - 1} or {size + 1}")
    return size


Kernel = Annotated[int, Field(ge=1, le=99), AfterValidator(_odd)]


class Head(Settings):
    """Settings of the dense layers at the end of other layers."""

    hidden: list[Units] = Field([64], description="units of the dense layers at the end")
    activation: Activation = Field("relu", description="torch's activation of this name")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of what each dense layer takes, left out in training")
