"""How well a score separates signal from background: pure mathematics on weighted events.

Throughout, `target` is (n,) of 0 and 1, `score` (n,) float64 in [0, 1] with signal high, `weight` (n,) float64 of any
sign. An event passes a cut when its score is at or above it. Efficiencies are sums of signed weights, so with negative
weights a ROC curve need not be monotonic; nothing here assumes that it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.resampling import Floats, Integers

NONE_SEEN = -math.log(0.32)
"""The mean of a Poisson variable below which 0 is seen in more than 32 % of the cases."""

LEAST_LIKELY = 1e-15
"""What a probability is taken for if it is less, so that its logarithm is finite."""


@dataclass(frozen=True)
class Curve:
    """What passes each cut, from none to all; every array is (k + 1,) for k different scores.

    Of resampled weights `signal` and `background` may be (k + 1, r), of which the functions here make (r,).
    """

    cut: Floats
    signal: Floats
    background: Floats
    background_entries: Integers

    @cached_property
    def signal_efficiency(self) -> Floats:
        """Share of the signal's weight that passes each cut."""
        efficiency: Floats = self.signal / self.signal[-1]
        return efficiency

    @cached_property
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

    def entries(self) -> Curve:
        """Return the same for unit weights."""
        background = self.background_entries.astype(np.float64)
        return Curve(self.cut, np.append(0.0, self.last + 1.0) - background, background, self.background_entries)

    def background_error(self, weight: Floats) -> Floats:
        """Return the statistical uncertainty of `Curve.background`: the root of the sum of squared weights."""
        return np.sqrt(self._passing(np.where(self.is_signal, 0.0, weight[self.order] ** 2)))

    def _passing(self, amount: NDArray[Any]) -> Floats:
        passing = np.zeros(len(self.last) + 1)
        np.cumsum(amount, dtype=np.float64).take(self.last, out=passing[1:])
        return passing


def auc(curve: Curve) -> Any:
    """Return the area under the ROC curve by the trapezoid rule.

    That is the weighted Mann–Whitney statistic: the sum of w_s w_b over all pairs in which signal scores higher, with
    half of it for ties, over the sum of w_s w_b; also for weights of both signs.
    """
    return np.trapezoid(curve.signal_efficiency, curve.background_efficiency, axis=0)


def rejection(curve: Curve, efficiency: float) -> Any:
    """Return 1 / background efficiency at the tightest cut that keeps this signal efficiency; infinite if none passes.

    Linear between the two neighbouring points of the ROC curve.
    """
    signal, background = curve.signal_efficiency, curve.background_efficiency
    above = np.argmax(signal >= efficiency, axis=0)[np.newaxis]  # the first point at 0 is always below
    (low, high), (least, most) = (
        [np.take_along_axis(values, place, axis=0)[0] for place in (above - 1, above)]
        for values in (signal, background)
    )
    passing = least + (efficiency - low) / (high - low) * (most - least)
    with np.errstate(divide="ignore"):
        return 1.0 / np.maximum(passing, 0.0)


def unseen(weight: Floats, copies: float = 1.0) -> float:
    """Return the lower limit at 68 % on the rejection of events, of which none passes.

    Of a Poisson variable of which 0 was seen, the mean is below -ln(0.32) = 1.14 with a confidence of 68 %; there are
    as many events as their weights (n,) are worth, (Σw)² / Σw².

    Args:
        copies: rows of an event.
    """
    return float(weight.sum() ** 2 / np.sum(weight**2) / copies / NONE_SEEN)


def accuracy(target: NDArray[np.integer], score: Floats, even: Floats) -> float:
    """Return the share of weight on the right side of 0.5, of weights as `equal_classes` returns them."""
    return float(np.sum(even, where=(score >= 0.5) == (target == 1)))


def log_loss(target: NDArray[np.integer], score: Floats, even: Floats) -> float:
    """Return the binary cross-entropy in nats, of weights as `equal_classes` returns them.

    Scores end 1e-15 short of 0 and 1.
    """
    likely = np.maximum(np.where(target == 1, score, 1.0 - score), LEAST_LIKELY)
    return float(-np.sum(even * np.log(likely, out=likely)))


def at_cut(curve: Curve, cut: float) -> int:
    """Return the index of the curve's point with all events at or above `cut`, whether or not one is at it."""
    return int(np.searchsorted(-curve.cut, -cut, side="right")) - 1
