"""Occlusion: what becomes of a prediction when a part of a sequence or an image is taken away.

M. Zeiler, R. Fergus, ECCV 2014, section 4.2; for any model, as it needs no gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.choice import choose
from snakeroot.evaluate.resampling import Floats
from snakeroot.importance.rows import Rows
from snakeroot.networks.inputs import Input

PATCHES = 10
"""Of an image, along each side, at most."""

Block = NDArray[Any]


def occlusions(rows: Rows, most: int, seed: int) -> dict[str, Any]:
    """Return for each sequence and image, by name, how far the prediction falls when a part of it is taken away.

    `parts` is the shape of the parts, [length] or [patches in η, patches in φ], and `classes` has by class, or for all
    rows of a regression under "all", the weighted mean over the rows that have something there, and its error: lists of
    the parts, row by row. What falls is the score of signal, of a row's own class if there are several, or the
    prediction of a regression. `rows` is of how many rows at most that is.

    Args:
        most: rows, at most, of which there are as many of each class as there can be.
    """
    about = rows.models[0].description
    some = rows.some(choose(rows.target, most, seed, classes=bool(about.classes)))
    before = _predicted(some, some.blocks)
    found = {}
    for one in about.inputs:
        if one.kind not in ("sequence", "image"):
            continue
        falls, touched = [], []
        for block, there in _without(one, some.blocks[one.name]):
            falls.append(before - _predicted(some, {**some.blocks, one.name: block}))
            touched.append(there)
        shape = [len(falls)] if one.kind == "sequence" else [math.ceil(n / _side(n)) for n in one.positions]
        classes = {name: some.target == target for target, name in enumerate(about.classes)}
        known = {
            name: _means(np.array(falls)[:, own], np.array(touched)[:, own], some.weight[own])
            for name, own in (classes or {"all": np.ones(len(before), bool)}).items()
        }
        found[one.name] = {"kind": one.kind, "parts": shape, "rows": len(before), "classes": known}
    return found


def _predicted(rows: Rows, blocks: dict[str, Block]) -> Floats:
    """Return what may fall, (n,)."""
    predicted = rows.predicted(blocks)
    if predicted.shape[1] == 1:
        return predicted[:, 0]
    own: Floats = predicted[np.arange(len(predicted)), rows.target.astype(np.int64)]
    return own


def _without(one: Input, block: Block) -> Iterator[tuple[Block, NDArray[np.bool_]]]:
    """Yield the block (n, channels, *positions) without each of its parts, and which rows had something there, (n,)."""
    if one.kind == "sequence":
        for place in range(one.positions[0]):
            shorter = np.delete(block, place, axis=2)  # those behind it move up, as if it had never been there
            yield np.pad(shorter, ((0, 0), (0, 0), (0, 1))), block[:, -1, place] > 0
        return
    height, width = (_side(size) for size in one.positions)
    for top in range(0, one.positions[0], height):
        for left in range(0, one.positions[1], width):
            patch = (slice(None), slice(None), slice(top, top + height), slice(left, left + width))
            darker = block.copy()
            darker[patch] = 0
            yield darker, (block[patch] != 0).any(axis=(1, 2, 3))


def _side(size: int) -> int:
    """Return the pixels of a patch along a side of the image."""
    return math.ceil(size / PATCHES)


def _means(falls: Floats, touched: NDArray[np.bool_], weight: Floats) -> dict[str, list[float]]:
    """Return mean and error of each part over the rows that it touches, from (parts, n); NaN where none is."""
    means, errors = [], []
    for fall, there in zip(falls, touched, strict=True):
        own = weight[there]
        if not add_up(own):
            means.append(math.nan)
            errors.append(math.nan)
            continue
        mean = float((own * fall[there]).sum() / own.sum())
        means.append(mean)
        errors.append(float(np.sqrt((own**2 * (fall[there] - mean) ** 2).sum()) / own.sum()))
    return {"mean": means, "error": errors}
