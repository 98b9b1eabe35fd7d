"""How well a score is the probability of signal, for equal totals of the classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.resampling import Floats

BINS = 10
"""Of the score, each as wide."""


@dataclass(frozen=True)
class Reliability:
    """What is in each bin of the score, (bins,), or (bins, r) of resamplings, for a total of one.

    Attributes:
        total: of the weights.
        score: sum of weight times score.
        signal: of the signal's weights.
    """

    total: Floats
    score: Floats
    signal: Floats

    @property
    def share(self) -> Floats:
        """The share of signal in each bin; NaN where there is nothing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.total > 0, self.signal / self.total, np.nan)

    @property
    def mean(self) -> Floats:
        """The mean score in each bin; NaN where there is nothing."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.total > 0, self.score / self.total, np.nan)

    def ece(self) -> Any:
        """Return the expected calibration error Σ_b |Σ w (score - target)|, over bins b.

        Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, Proc. AAAI 29 (2015) 2901.
        """
        return np.abs(self.score - self.signal).sum(axis=0)


def bins(score: Floats) -> NDArray[np.intp]:
    """Return the bin of each score; 1 is in the last one."""
    return np.clip((score * BINS).astype(np.intp), 0, BINS - 1)


def reliability(target: NDArray[np.integer], score: Floats, even: Floats) -> Reliability:
    """Return what is in each bin, of weights as `equal_classes` returns them."""
    place = bins(score)
    parts = (np.bincount(place, even * part, BINS) for part in (np.ones_like(even), score, target))
    return Reliability(*(part.astype(np.float64) for part in parts))


def brier(target: NDArray[np.integer], score: Floats, even: Floats) -> float:
    """Return the mean of (score - target)², of weights as `equal_classes` returns them.

    Source: G. W. Brier, Mon. Weather Rev. 78 (1950) 1.
    """
    return float(np.sum(even * np.square(score - target)))
