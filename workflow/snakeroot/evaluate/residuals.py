"""Residuals of a regression, and their weighted quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.evaluate.resampling import Floats

BAND = (0.16, 0.5, 0.84)
"""Median, and both ends of the central 68 %."""


def residuals(target: NDArray[Any], predicted: Floats, residual: str) -> Floats:
    """Return prediction - target; "relative": divided by the target.

    Raises:
        SnakerootError: if it is to be divided by a target that is not above zero.
    """
    if residual == "relative":
        if not (target > 0).all():
            raise SnakerootError(
                f"evaluation.residual: relative, but {int(np.sum(~(target > 0)))} targets are not above zero: make it "
                "absolute, or select entries by the target"
            )
        return np.asarray(predicted / target - 1)
    return np.asarray(predicted - target)


class Order:
    """Values sorted once, from which quantiles for any weights follow."""

    def __init__(self, values: Floats) -> None:
        self.order = np.argsort(values, kind="stable")
        self.values = values[self.order]

    def quantiles(self, weight: Floats, shares: Sequence[float]) -> Floats:
        """Return for each share the smallest value that has at least this share of the weight at or below it.

        With negative weights the sum need not rise: it is the first value at which the share is reached.
        """
        sums = np.maximum.accumulate(np.cumsum(weight[self.order]))
        total = weight.sum()
        places = np.searchsorted(sums, np.asarray(shares) * total)
        return np.asarray(self.values[np.minimum(places, len(self.values) - 1)])
