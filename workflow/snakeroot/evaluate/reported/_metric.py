"""The record of one metric."""

from __future__ import annotations

import math
from dataclasses import dataclass

ROUNDING = 1e-9


@dataclass(frozen=True)
class Metric:
    """What is known of a metric before it is measured.

    Attributes:
        title: what it is called; with {} for the class if it has a value for each. Empty: it is not in the table.
        style: format of its values.
        low, high: where it lies for weights of one sign, and so do the ends of its interval.
        infinite: whether it is infinite where it has no value.
        by_weights: why weights may leave it without a value; empty if they cannot.
        by_rows: the same of the rows, whatever they weigh.
        unweighted: whether its value for unit weights is shown as well.
    """

    title: str
    style: str = ".4f"
    low: float = -math.inf
    high: float = math.inf
    infinite: bool = False
    by_weights: str = ""
    by_rows: str = ""
    unweighted: bool = False

    def outside(self, value: float) -> bool:
        """Whether a value lies where none does for weights of one sign."""
        return not self.low - ROUNDING <= value <= self.high + ROUNDING
