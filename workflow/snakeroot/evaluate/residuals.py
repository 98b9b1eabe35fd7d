"""Residuals of a regression, and their weighted quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot.cancellation import add_up
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.resampling import Floats

BAND = (0.16, 0.5, 0.84)
"""Median, and both ends of the central 68 %."""
BINS, FEWEST = 20, 10
"""Bins of a profile, at most, and entries of each, at least."""


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


def profile(
    x: NDArray[Any], y: Floats, weight: Floats, limits: tuple[float, float], bins: int, copies: float = 1.0
) -> pd.DataFrame:
    """Return for equal bins of x the weighted quantiles of y: median q50, q16 and q84, with errors.

    Errors are the asymptotic ones of quantiles of a normal distribution (M. Kendall, A. Stuart, The Advanced Theory of
    Statistics, vol. 1, 10.9): σ √(π/2n) of the median, 0.96 σ/√n of the resolution (q84 - q16) / 2, which is taken for
    σ; n is the effective number of events, (Σw)² / Σw² over the copies of an event. Bins with fewer than `FEWEST`
    entries, or weights that do not add up to more than zero, have no entries and no quantiles.

    Args:
        x, y, weight: (n,) each.
        bins: there are no more than `BINS`.
        copies: rows per event.
    """
    edges = np.linspace(*limits, min(bins, BINS) + 1)
    place = np.digitize(x, edges) - 1
    place[x == edges[-1]] -= 1  # the last bin has both its ends
    rows = []
    for number in range(len(edges) - 1):
        chosen = place == number
        own = weight[chosen]
        row = {"low": edges[number], "high": edges[number + 1], "entries": int(chosen.sum())}
        if row["entries"] < FEWEST or not add_up(own):
            rows.append({**row, "entries": 0})
            continue
        low, median, high = Order(y[chosen]).quantiles(own, BAND)
        deviation = (high - low) / 2 / np.sqrt(own.sum() ** 2 / (own**2).sum() / copies)
        errors = {"q50_error": 1.2533 * deviation, "resolution_error": 0.9640 * deviation}
        rows.append({**row, "q16": low, "q50": median, "q84": high, **errors})
    names = ["low", "high", "entries", "q16", "q50", "q84", "q50_error", "resolution_error"]
    return pd.DataFrame(rows, columns=names)
