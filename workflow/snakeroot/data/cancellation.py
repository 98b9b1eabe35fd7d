"""Sums of weights of both signs: they may cancel, and what is then left of them is rounding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CANCELLED = 1e-9
"""Share of the weights' magnitudes below which their sum is taken for nothing: far above what rounding leaves."""


def positive(total: float, magnitude: float) -> bool:
    """Whether a sum of weights is above nothing, given the sum of their magnitudes."""
    return bool(total > CANCELLED * magnitude)


def add_up(weight: NDArray[np.floating]) -> bool:
    """Whether weights (n,) add up to more than nothing, so that something can be divided by their sum."""
    return positive(float(weight.sum()), float(np.abs(weight).sum()))
