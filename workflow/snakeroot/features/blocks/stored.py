"""Images that are in the file already: their pixels as they are, or transformed one by one."""

from __future__ import annotations

import math

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.blocks.image import normalised
from snakeroot.features.inputs import StoredImage
from snakeroot.features.pixels import PIXEL
from snakeroot.physics.expressions.evaluation import numbers
from snakeroot.physics.expressions.language import parse


def build(image: StoredImage, pixels: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the images (rows, channels × height × width), of which nothing is left out.

    Raises:
        SnakerootError: if the branch is of another shape.
    """
    rows, channels, size = len(pixels), len(image.channels), math.prod(image.pixels)
    expected: tuple[int, ...] = (*image.pixels, channels) if image.channels_last else (channels, *image.pixels)
    plain = channels == 1 and pixels.shape[1:] == image.pixels
    if not plain and pixels.shape[1:] != expected:
        raise SnakerootError(
            f"the branch {image.dataset!r} has the shape {pixels.shape[1:]} per row, and not {expected}: change "
            "'pixels', 'channels' or 'channels_last' of the image"
        )
    values = np.moveaxis(pixels, -1, 1) if image.channels_last and not plain else pixels
    if image.transform:
        values = transformed(image.transform, values)
    scaled = normalised(np.asarray(values, dtype=np.float64).reshape(rows, channels, size), image.normalise)
    with np.errstate(over="ignore"):  # what overflows float32 is not finite
        return scaled.astype(np.float32).reshape(rows, channels * size), np.zeros(rows, dtype=np.int64)


def transformed(text: str, values: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the expression of each pixel, in the same shape; NaN and infinity are left to the caller."""
    pixels = {PIXEL: ak.Array(np.ascontiguousarray(values).reshape(-1))}
    return numbers(parse(text), pixels, np.zeros(values.size, np.int64)).reshape(values.shape)
