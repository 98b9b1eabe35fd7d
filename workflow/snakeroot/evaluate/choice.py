"""Some of many rows, the same ones each time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def choose(targets: NDArray[Any], most: int, seed: int, *, classes: bool) -> NDArray[np.intp]:
    """Return at most `most` of the rows with these targets, ascending; of few classes, each has as many if it can.

    A rare class would else be hardly there. Within a class all rows are equally likely, so their weights are those of
    all but for a factor, and none of the metrics depends on the totals of the classes.
    """
    random = np.random.default_rng(seed)
    kinds = [np.flatnonzero(targets == one) for one in np.unique(targets)] if classes else [np.arange(len(targets))]
    chosen, left = [], most
    for number, rows in enumerate(sorted(kinds, key=len)):
        count = min(len(rows), left // (len(kinds) - number))
        chosen.append(random.choice(rows, count, replace=False, shuffle=False))
        left -= count
    return np.sort(np.concatenate(chosen))
