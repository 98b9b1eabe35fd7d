"""The share of events that pass a cut, in bins, with its uncertainty: of weighted events, and of few."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot.data.cancellation import CANCELLED
from snakeroot.evaluate.resampling import Floats


def shares(
    place: NDArray[np.integer], bins: int, passed: NDArray[np.bool_], weight: Floats, copies: float = 1.0
) -> pd.DataFrame:
    """Return for each bin its `entries`, the share of its weight that `passed`, and its 68.3 % interval, `low`, `high`.

    The variance of the share p is that of weighted binomial sums, ((1 - p)² Σw² of those that pass + p² Σw² of those
    that do not) / (Σw)², as ROOT's TH1::Divide has it with its option B. It makes an effective number of entries,
    n = p (1 - p) / variance; where all or none pass, n = (Σw)² / Σw². The interval is E. B. Wilson's for n entries
    (J. Am. Stat. Assoc. 22 (1927) 209), exactly so for unit weights. Where weights of both signs take p out of [0, 1],
    or leave no n, it is p ± its standard deviation. Bins whose weights do not add up to more than zero have NaN.

    Args:
        place: number of the bin of each row, (n,); rows with numbers outside of 0 … bins - 1 are in none.
        passed, weight: (n,).
        copies: rows per event.
    """
    inside = (place >= 0) & (place < bins)
    place, passed, weight = place[inside], passed[inside], weight[inside]

    def add(amount: Floats) -> Floats:
        return np.asarray(np.bincount(place, amount, bins), dtype=np.float64)

    total, squares, magnitude = add(weight), add(weight**2), add(np.abs(weight))
    known = total > CANCELLED * magnitude
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(known, add(np.where(passed, weight, 0.0)) / total, np.nan)
        squares_passed = add(np.where(passed, weight**2, 0.0))
        variance = ((1 - share) ** 2 * squares_passed + share**2 * (squares - squares_passed)) * copies / total**2
        inner = (share > 0) & (share < 1)
        effective = np.where(inner, share * (1 - share) / variance, total**2 / squares / copies)
    low, high = wilson(share, effective)
    outside = known & ~((share >= 0) & (share <= 1) & (effective > 0))
    deviation = np.sqrt(np.maximum(variance, 0.0))
    return pd.DataFrame(
        {
            "entries": np.bincount(place, minlength=bins),
            "share": share,
            "low": np.where(outside, share - deviation, low),
            "high": np.where(outside, share + deviation, high),
        }
    )


def wilson(share: Floats, entries: Floats) -> tuple[Floats, Floats]:
    """Return E. B. Wilson's interval of shares (k,) of so many entries, at one standard deviation (68.3 %).

    Shares outside of [0, 1], or of no entries, give numbers that mean nothing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (share + 0.5 / entries) / (1 + 1 / entries)
        half = np.sqrt(share * (1 - share) / entries + 0.25 / entries**2) / (1 + 1 / entries)
    # rounding must not leave 1e-17 where nothing passes
    return np.where(share == 0, 0.0, centre - half), np.where(share == 1, 1.0, centre + half)
