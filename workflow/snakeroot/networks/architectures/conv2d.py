"""Convolutions over images: layers of filters, each with batch normalisation, an activation and max pooling."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.layers import Head, Kernel, Units, lacking
from snakeroot.settings import Mistake, refuse

if TYPE_CHECKING:
    from torch import nn

TAKES = ("image", "scalar")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Head):
    """Settings of the convolutional network; the defaults are the lecture's exercise."""

    filters: list[Units] = Field([8], min_length=1, max_length=100, description="of each layer of convolutions")
    kernel: Kernel = Field(3, description="pixels of a filter's side, an odd number; beyond the edges there are zeros")
    pool: int = Field(2, ge=1, le=64, description="each layer keeps the largest of pool × pool pixels; 1 keeps all")
    batch_normalisation: bool = Field(True, description="standardise what each filter finds over the rows of a batch")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find images that are too small to be pooled so often, or of a single pixel."""
    yield from lacking("image", inputs)
    needed = settings.pool ** len(settings.filters)
    for one in inputs:
        if one.kind == "image" and min(one.positions) < needed:
            size = " × ".join(map(str, one.positions))
            yield Mistake(
                ("filters",),
                f"{len(settings.filters)} layers that pool {settings.pool} × {settings.pool} pixels need {needed:.4g}"
                f" × {needed:.4g} pixels, and {one.name} has {size}: take fewer layers, or a smaller 'pool'",
            )
        if one.kind == "image" and math.prod(one.positions) == 1 and settings.batch_normalisation:
            yield Mistake(
                ("batch_normalisation",),
                f"{one.name} has one pixel, so in a batch of one row there is nothing to standardise it by: "
                "batch_normalisation: false",
            )


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs), one or more images and any scalars, to (n, `outputs`).

    Raises:
        SnakerootError: if an image is too small to be pooled so often, or there is none.
    """
    from snakeroot.networks.layers.conv2d import Convolutions
    from snakeroot.networks.layers.dense import head
    from snakeroot.networks.layers.joined import Joined

    def encoder(one: Input) -> Convolutions:
        return Convolutions(
            one.shape,
            settings.filters,
            settings.kernel,
            settings.pool,
            settings.activation,
            settings.batch_normalisation,
        )

    refuse(check(settings, inputs))
    return Joined(inputs, "image", encoder, lambda width: head(width, settings, outputs))
