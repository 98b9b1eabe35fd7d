"""Profiles: quantiles of one quantity in bins of another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.resampling import Floats
from snakeroot.evaluate.residuals import BAND, Order

BINS, FEWEST = 20, 10
"""Bins of a profile, at most, and entries of each, at least."""


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
    place = np.digitize(plotting.at_edges(x, edges), edges) - 1
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
