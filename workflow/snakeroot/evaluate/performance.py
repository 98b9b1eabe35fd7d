"""How well a score separates signal from background: pure mathematics on weighted events.

Throughout, `target` is (n,) of 0 and 1, `score` (n,) float64 in [0, 1] with signal high, `weight` (n,) float64 of any
sign. An event passes a cut when its score is at or above it. Efficiencies are sums of signed weights, so with negative
weights a ROC curve need not be monotonic; nothing here assumes that it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.resampling import Floats, Integers

MINIMUM_BACKGROUND = 10
"""Background entries that must pass a cut before anything is said about the background beyond it."""


NONE_SEEN = -math.log(0.32)


@dataclass(frozen=True)
class Curve:
    """What passes each cut, from none to all; every array is (k + 1,) for k different scores."""

    cut: Floats
    signal: Floats
    background: Floats
    background_entries: Integers

    @property
    def signal_efficiency(self) -> Floats:
        """Share of the signal's weight that passes each cut."""
        efficiency: Floats = self.signal / self.signal[-1]
        return efficiency

    @property
    def background_efficiency(self) -> Floats:
        """Share of the background's weight that passes each cut."""
        efficiency: Floats = self.background / self.background[-1]
        return efficiency


class Ranking:
    """Events in falling order of score, sorted once, from which curves with any weights follow.

    Attributes:
        signal: which events, in their original order, are signal.
    """

    def __init__(self, target: NDArray[np.integer], score: Floats) -> None:
        self.order = np.argsort(-score, kind="stable")
        ranked = score[self.order]
        # Equal scores pass a cut together, so only the last of them is a point of the curve.
        self.last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
        self.cut = np.append(np.inf, ranked[self.last])
        self.signal = target == 1
        self.is_signal = self.signal[self.order]
        self.background_entries = self._passing(~self.is_signal).astype(np.int64)

    def curve(self, weight: Floats) -> Curve:
        """Return what passes each cut when the events, in their original order, have these weights."""
        ranked = weight[self.order]
        return Curve(
            cut=self.cut,
            signal=self._passing(np.where(self.is_signal, ranked, 0.0)),
            background=self._passing(np.where(self.is_signal, 0.0, ranked)),
            background_entries=self.background_entries,
        )

    def background_error(self, weight: Floats) -> Floats:
        """Return the statistical uncertainty of `Curve.background`: the root of the sum of squared weights."""
        return np.sqrt(self._passing(np.where(self.is_signal, 0.0, weight[self.order] ** 2)))

    def _passing(self, amount: NDArray[Any]) -> Floats:
        return np.append(0.0, np.cumsum(amount)[self.last])


def auc(curve: Curve) -> float:
    """Return the area under the ROC curve by the trapezoid rule.

    That is the weighted Mann–Whitney statistic: the sum of w_s w_b over all pairs in which signal scores higher, with
    half of it for ties, over the sum of w_s w_b; also for weights of both signs.
    """
    return float(np.trapezoid(curve.signal_efficiency, curve.background_efficiency))


def rejection(curve: Curve, efficiency: float) -> float:
    """Return 1 / background efficiency at the tightest cut that keeps this signal efficiency; infinite if none passes.

    Linear between the two neighbouring points of the ROC curve.
    """
    signal, background = curve.signal_efficiency, curve.background_efficiency
    above = int(np.argmax(signal >= efficiency))  # the first point at 0 is always below
    share = (efficiency - signal[above - 1]) / (signal[above] - signal[above - 1])
    passing = background[above - 1] + share * (background[above] - background[above - 1])
    return 1.0 / passing if passing > 0 else math.inf


def unseen(target: NDArray[np.integer], weight: Floats, copies: float = 1.0) -> float:
    """Return the lower limit at 68 % on the rejection where no background passes.

    Of a Poisson variable of which 0 was seen, the mean is below -ln(0.32) = 1.14 with a confidence of 68 %; there are
    as many events as the background's weights are worth, (Σw)² / Σw².

    Args:
        copies: rows of an event.
    """
    background = weight[target == 0]
    return float(background.sum() ** 2 / np.sum(background**2) / copies / NONE_SEEN)


def accuracy(target: NDArray[np.integer], score: Floats, weight: Floats) -> float:
    """Return the share of weight on the right side of 0.5, with equal totals of the classes."""
    return float(np.sum(equal_classes(target, weight)[(score >= 0.5) == (target == 1)]))


def log_loss(target: NDArray[np.integer], score: Floats, weight: Floats) -> float:
    """Return the binary cross-entropy in nats with equal totals of the classes; scores end 1e-15 short of 0 and 1."""
    likely = np.clip(np.where(target == 1, score, 1.0 - score), 1e-15, 1.0)
    return float(-np.sum(equal_classes(target, weight) * np.log(likely)))


def asimov(signal: Floats, background: Floats) -> Floats:
    """Return the median discovery significance sqrt(2 ((s + b) ln(1 + s / b) - s)) for expected yields s and b > 0.

    Source: G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, eq. 97. Without systematic
    uncertainty. Zero where s <= 0; NaN where b <= 0.
    """
    s, b = np.maximum(signal, 0.0), np.where(background > 0, background, np.nan)
    # The bracket is a difference of nearly equal numbers for s << b and may fall below zero by rounding.
    return np.sqrt(np.maximum(2.0 * ((s + b) * np.log1p(s / b) - s), 0.0))


def best_cut(curve: Curve, signal: float, background: float) -> float | None:
    """Return the cut with the largest significance for expected yields of all signal and background before it.

    Only cuts that at least `MINIMUM_BACKGROUND` entries of background pass are tried: the yield beyond is not known.
    The tightest of equals; None where there is no such cut.
    """
    significance = asimov(signal * curve.signal_efficiency, background * curve.background_efficiency)
    significance[curve.background_entries < MINIMUM_BACKGROUND] = np.nan
    return None if np.isnan(significance).all() else float(curve.cut[np.nanargmax(significance)])


def at_cut(curve: Curve, cut: float) -> int:
    """Return the index of the curve's point with all events at or above `cut`, whether or not one is at it."""
    return int(np.searchsorted(-curve.cut, -cut, side="right")) - 1
