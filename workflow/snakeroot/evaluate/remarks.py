"""What is said beside metrics that lie where none should, or have no value: weights of both signs do that."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.evaluate.resampling import Floats

RANGES = {
    "auc": (0.0, 1.0),
    "auc_macro": (0.0, 1.0),
    "accuracy": (0.0, 1.0),
    "confusion": (0.0, 1.0),
    "purity": (0.0, 1.0),
    "adjusted_rand": (-1.0, 1.0),
    "loss": (0.0, math.inf),
    "mae": (0.0, math.inf),
    "rejection_at_50": (1.0, math.inf),
    "rejection_at_80": (1.0, math.inf),
    "r2": (-math.inf, 1.0),
    "explained_variance": (-math.inf, 1.0),
}
"""Where a metric lies for weights of one sign; so do the ends of its interval."""

OF_WEIGHTS = {
    "rmse": "the mean square is negative",
    "r2": "the targets' variance is not above 0",
    "explained_variance": "the inputs' mean square is not above 0",
    "adjusted_rand": "the weights of a sample, or of all pairs of rows, do not add up to more than 0",
    "purity": "the weights of a sample do not add up to more than 0",
}
OF_ROWS = {"silhouette": "all rows are in one group, or each is one"}
"""Metrics that may have no value, and why: by their weights or without them."""

ROUNDING = 1e-9


def outside(name: str, value: float) -> bool:
    """Whether a metric lies where it does not for weights of one sign."""
    low, high = RANGES[name]
    return not low - ROUNDING <= value <= high + ROUNDING


def remarked(found: Mapping[str, Any], weight: Floats) -> dict[str, Any]:
    """Return the metrics of a split for weights (n,), with `remarks`, a list of sentences, if there is one to be made.

    A metric is a number, None, or several of them in lists or a mapping.
    """
    negative = -float(weight[weight < 0].sum()) / float(np.abs(weight).sum())
    reason = f", as {negative:.2g} of the weights' magnitude is negative" if negative else ""
    reasons = {name: why + reason for name, why in OF_WEIGHTS.items()} | OF_ROWS
    remarks = [f"{name} has no value: {why}" for name, why in reasons.items() if found.get(name, 0) is None]
    for name, (low, high) in RANGES.items():
        keys = (name, f"{name}_low", f"{name}_high")
        if beyond := [key for key in keys if any(outside(name, one) for one in _numbers(found.get(key)))]:
            ends = f"{'[' if low > -math.inf else '('}{low:g}, {high:g}{']' if high < math.inf else ')'}"
            remarks.append(f"{' and '.join(beyond)} not in {ends}{reason}")
    return {**found, **({"remarks": remarks} if remarks else {})}


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif value is not None:
        yield value
