"""Images of jets: objects as pixels in η and φ, with the usual steps before that take out what does not matter.

De Oliveira, Kagan, Mackey, Nachman, Schwartzman, JHEP 07 (2016) 069 [arXiv:1511.05190]: centre, turn, pixelate, flip,
normalise. All steps work on the objects, not on pixels, so nothing is interpolated.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.features.inputs import Image, Norm
from snakeroot.features.momenta import axis, massless, subjets, turned
from snakeroot.features.objects import Numbers, Objects, ratio


def build(image: Image, objects: Objects) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the images (rows, channels × height × width), and how many objects of each row lie outside of it.

    1. Centre: η and φ are taken relative to what `centre` says; φ in [-π, π).
    2. Rotate: by the angle that makes the covariance of η and φ, weighted with pt, diagonal and its larger element that
       of η; then by π if the sum of pt η³ is positive.
    3. Flip: φ to -φ if the sum of pt is larger at φ < 0 than at φ > 0.
    4. Pixelate: an object at η belongs to row ⌊height (η + half_width) / (2 half_width)⌋; columns likewise in φ. Its
       content is added to the pixel; an object outside of the image is left out.
    5. Normalise: each channel by its own norm, if that is not 0.
    """
    height, width = image.pixels
    rows, names = len(objects.counts), list(image.content())
    bad = objects.bad_rows()
    if image.centre in ("axis", "subjet"):
        with np.errstate(over="ignore"):  # an η of ±999 has no momentum; its row is NaN
            components = massless(objects["pt"], objects["eta"], objects["phi"]).T.copy()
        bad |= Objects(objects.counts, dict(zip("xyze", components, strict=True))).bad_rows()
    objects = objects.keep(~bad[objects.row]).ordered("pt")
    row, column = (
        np.floor((x + image.half_width) / (2 * image.half_width) * pixels)
        for x, pixels in zip(_seen(image, objects), (height, width), strict=True)
    )
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    pixel = (objects.row * height * width)[inside] + (row * width + column)[inside].astype(np.int64)
    values = np.empty((rows, len(names), height * width), dtype=np.float32)
    for number, name in enumerate(names):
        content = objects[f"channels.{name}"][inside]
        filled = np.zeros(rows * height * width)
        np.add.at(filled, pixel, content)
        with np.errstate(over="ignore"):  # what overflows float32 is not finite
            values[:, number] = normalised(filled.reshape(rows, height * width), image.normalise)
    values[bad] = np.nan
    return values.reshape(rows, len(names) * height * width), objects.counts - objects.keep(inside).counts


def normalised(pixels: Numbers, by: Norm) -> Numbers:
    """Divide images (…, pixels) by their sum, their largest pixel or the root of their sum of squares."""
    if by == "none":
        return pixels
    norms = {
        "sum": lambda: pixels.sum(axis=-1, keepdims=True),
        "max": lambda: pixels.max(axis=-1, keepdims=True),
        "norm": lambda: np.sqrt((pixels**2).sum(axis=-1, keepdims=True)),
    }
    return ratio(pixels, np.broadcast_to(norms[by](), pixels.shape))


def _seen(image: Image, objects: Objects) -> tuple[Numbers, Numbers]:
    """Return η and φ of the objects as they lie in the image."""
    pt = objects["pt"]
    centre_eta, centre_phi = _centre(image, objects)
    x = objects["eta"] - centre_eta[objects.row]
    y = turned(objects["phi"] - centre_phi[objects.row])
    if image.rotate:
        total = objects.sum(pt)
        dx, dy = (v - ratio(objects.sum(pt * v), total)[objects.row] for v in (x, y))
        angle = 0.5 * np.arctan2(2 * objects.sum(pt * dx * dy), objects.sum(pt * dx * dx) - objects.sum(pt * dy * dy))
        cos, sin = np.cos(angle)[objects.row], np.sin(angle)[objects.row]
        x, y = cos * x + sin * y, cos * y - sin * x
        upside_down = np.where(objects.sum(pt * x**3) > 0, -1.0, 1.0)[objects.row]
        x, y = upside_down * x, upside_down * y
    if image.flip:
        y = y * np.where(objects.sum(pt * np.sign(y)) < 0, -1.0, 1.0)[objects.row]
    return x, y


def _centre(image: Image, objects: Objects) -> tuple[Numbers, Numbers]:
    """Return η and φ of each image's centre."""
    pt, eta, phi = (objects[role] for role in ("pt", "eta", "phi"))
    match image.centre:
        case "none":
            return np.zeros(len(objects.counts)), np.zeros(len(objects.counts))
        case "leading":
            return objects.first(eta), objects.first(phi)
        case "centroid":
            total, start = objects.sum(pt), objects.first(phi)
            around = objects.sum(pt * turned(phi - start[objects.row]))
            return ratio(objects.sum(pt * eta), total), start + ratio(around, total)
        case "axis":
            momenta = massless(pt, eta, phi)
            return axis(np.stack([objects.sum(component) for component in momenta.T], axis=1))
        case "subjet":
            return axis(subjets(objects, massless(pt, eta, phi), image.subjet_radius, 1)[:, 0])
