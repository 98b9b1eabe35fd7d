"""The layers of architectures: one module each, and what several use. The settings in this file import no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from snakeroot.networks.inputs import Input, Kind
from snakeroot.settings import Mistake, Settings

Activation = Literal["elu", "gelu", "leaky_relu", "mish", "relu", "selu", "sigmoid", "silu", "softplus", "tanh"]

Units = Annotated[int, Field(gt=0, le=65_536)]
Hidden = Annotated[list[Units], Field(max_length=1000)]
"""Units of dense layers, one after the other."""


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError(f"a kernel has a middle, so its size is odd: {size - 1} or {size + 1}")
    return size


Kernel = Annotated[int, Field(ge=1, le=99), AfterValidator(_odd)]


class Head(Settings):
    """Settings of the dense layers at the end of other layers."""

    hidden: Hidden = Field([64], description="units of the dense layers at the end")
    activation: Activation = Field("relu", description="torch's activation of this name")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of what each dense layer takes, left out in training")


def lacking(kind: Kind, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there is nothing of the kind that a network is made for among its inputs."""
    if not any(one.kind == kind for one in inputs):
        yield Mistake(("inputs",), f"none is of kind {kind!r} among {', '.join(one.name for one in inputs) or 'none'}")
