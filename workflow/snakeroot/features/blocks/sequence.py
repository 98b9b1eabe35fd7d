"""Sequences: the objects of a row one after the other, the first ones by some order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.features.inputs import Sequence
from snakeroot.features.objects import Objects


def build(sequence: Sequence, objects: Objects) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return channels and mask (rows, (channels + 1) × length), and how many objects of each row are beyond it.

    Objects are in descending order of `order_by`.
    """
    bad = objects.bad_rows()
    objects = objects.keep(~bad[objects.row]).ordered("order_by")
    kept = objects.keep(objects.place < sequence.length)
    rows, channels = len(kept.counts), len(sequence.channels) + 1
    values = np.zeros((rows, channels, sequence.length), dtype=np.float32)
    with np.errstate(over="ignore"):  # what overflows float32 is not finite
        for number, name in enumerate(sequence.content()):
            values[kept.row, number, kept.place] = kept[f"channels.{name}"]
    values[kept.row, -1, kept.place] = 1
    values[bad] = np.nan
    return values.reshape(rows, channels * sequence.length), objects.counts - kept.counts
