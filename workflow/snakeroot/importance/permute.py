"""Permutation importance: how much a metric falls when the values of one input are permuted among the rows.

L. Breiman, Mach. Learn. 45 (2001) 5, section 10; for any model A. Fisher, C. Rudin, F. Dominici, J. Mach. Learn. Res.
20 (2019) 177.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from snakeroot.evaluate.resampling import Measure, resamplings
from snakeroot.importance.rows import Rows

RESAMPLINGS = 50
"""Of the events, for the statistical uncertainty."""


def importances(rows: Rows, kind: ModuleType, repeats: int, seed: int) -> dict[str, Any]:
    """Return for each metric its value on the rows, and for each input by how much permuting it makes it worse.

    `mean` and `std` are over the permutations, `error` is the uncertainty of the mean: that of the permutations,
    std / √n, and that of the rows, from resampling the events, with the first permutation. All is NaN where a metric is
    undefined.
    """
    whole = kind.measure(rows.target, rows.predicted(rows.blocks))
    found: dict[str, Any] = {}
    for number, (name, block) in enumerate(rows.blocks.items()):
        random = np.random.default_rng([seed, number])
        orders = [random.permutation(len(block)) for _ in range(repeats)]
        measures = [kind.measure(rows.target, rows.predicted({**rows.blocks, name: block[order]})) for order in orders]
        found[name] = _compared(rows, whole, measures, kind.METRICS, seed)
    return {"decides": next(iter(kind.METRICS)), "metrics": dict(whole(rows.weight)), "inputs": found}


def _compared(
    rows: Rows, whole: Measure, permuted: Sequence[Measure], metrics: Mapping[str, int], seed: int
) -> dict[str, dict[str, Any]]:
    """Return by how much measures are worse than that of the whole, metric by metric."""

    def worse(one: Measure, weight: Any) -> dict[str, float]:
        before, after = whole(weight), one(weight)
        return {name: sign * (before[name] - after[name]) for name, sign in metrics.items()}

    falls = [worse(one, rows.weight) for one in permuted]
    resampled = [worse(permuted[0], rows.weight * factor) for factor in resamplings(rows.event, RESAMPLINGS, seed)]
    found = {}
    for name in metrics:
        values = np.array([fall[name] for fall in falls])
        known = np.array([fall[name] for fall in resampled])
        known = known[~np.isnan(known)]
        deviation = float(values.std(ddof=1))
        statistical = float(known.std(ddof=1)) if len(known) > 1 else math.nan
        error = math.hypot(deviation / math.sqrt(len(values)), statistical)
        found[name] = {"mean": float(values.mean()), "std": deviation, "error": error, "falls": values.tolist()}
    return found
