"""Distributions of a score by class, and how a number is written with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from snakeroot import plotting

if TYPE_CHECKING:
    from snakeroot.evaluate.predictions import Predictions

BINS = 40
"""Of the score."""


def distribution(split: Predictions, target: int, bins: int = BINS) -> plotting.Histogram:
    """Return the distribution of the score of one class, with unit sum.

    Copies of an event are not independent: the uncertainty is that of as many events as there are.
    """
    chosen = split.target == target
    filled = plotting.histogram(split.predicted[chosen], split.weight[chosen], (0.0, 1.0), bins)
    view: Any = filled.view(flow=True)
    view["variance"] *= split.copies
    return plotting.fractions(filled)


def digits_for(error: float) -> int:
    """Return the decimals that show two significant digits of `error`, between 3 and 6."""
    return min(max(1 - math.floor(math.log10(error)), 3), 6) if error > 0 else 4
