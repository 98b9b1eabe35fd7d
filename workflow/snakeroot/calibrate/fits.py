"""The fits: pure mathematics on a network's outputs.

Throughout, `outputs` is (n, 1) of a binary network, the log of the odds of signal, or (n, classes), float64; `target`
is (n,) of class numbers, `weight` (n,) float64 with equal totals of the classes, of any sign.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from sklearn.isotonic import IsotonicRegression

from snakeroot.errors import SnakerootError

Floats = NDArray[np.float64]
Integers = NDArray[np.integer]

RANGE = (0.01, 100.0)
"""Temperatures that are tried."""

GROUPS = 100
"""Groups of events at most, of as much weight each, among which an isotonic curve is fitted."""

ALIKE = 1e-9
"""Outputs that are closer, in units of their range, are one knot: lines between them would be steps."""


def of_each_class(outputs: Floats) -> Floats:
    """Return an output for each class, (n, classes), also of a binary network, whose background has 0."""
    return np.hstack([np.zeros_like(outputs), outputs]) if outputs.shape[1] == 1 else outputs


def log_probabilities(outputs: Floats) -> Floats:
    """Return the logarithms of the classes' probabilities (n, classes)."""
    of_classes = of_each_class(outputs)
    shifted = of_classes - of_classes.max(axis=1, keepdims=True)
    logarithms: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms


def loss(outputs: Floats, target: Integers, weight: Floats) -> float:
    """Return the weighted cross-entropy in nats."""
    return float(-(weight * log_probabilities(outputs)[np.arange(len(target)), target]).sum())


def temperature(outputs: Floats, target: Integers, weight: Floats) -> float:
    """Return the number T by which outputs are divided for the least cross-entropy, between the ends of `RANGE`.

    Its derivative with respect to 1 / T is the sum over events of w (E[z] - z), where z is the output of the event's
    class and E its mean by the probabilities at T: of weights of one sign it rises with 1 / T, and is zero once. Where
    weights of both signs leave no T that is better than 1, it is 1.
    """
    of_classes = of_each_class(outputs)
    own = of_classes[np.arange(len(target)), target]

    def derivative(inverse: float) -> float:
        expected = (np.exp(log_probabilities(of_classes * inverse)) * of_classes).sum(axis=1)
        return float((weight * (expected - own)).sum())

    low, high = 1.0 / RANGE[1], 1.0 / RANGE[0]
    if derivative(low) >= 0:
        best = low
    elif derivative(high) <= 0:
        best = high
    else:
        best = float(brentq(derivative, low, high, xtol=1e-12, rtol=1e-12))
    return 1.0 / best if loss(outputs * best, target, weight) < loss(outputs, target, weight) else 1.0


def isotonic(outputs: Floats, target: Integers, weight: Floats) -> tuple[Floats, Floats]:
    """Return outputs (m,) in rising order, and the probabilities of signal there, which do not fall.

    Events are put into groups of rising output and of the same weight; the means of these are fitted (scikit-learn's
    pool of adjacent violators), so that the curve has few knots however many events there are. A probability is at
    least 1 / (n + 2) from 0 and 1, where n is what the events' weights are worth, (Σw)² / Σw²: of n events of which all
    are signal, Laplace's estimate is (n + 1) / (n + 2).

    Raises:
        SnakerootError: if a weight is negative, for which there is no such fit.
    """
    if (weight < 0).any():
        raise SnakerootError(
            "calibration: an isotonic curve has no fit to negative weights: take calibration: temperature, or "
            "negative_weights: absolute or drop"
        )
    order = np.argsort(outputs[:, 0], kind="stable")
    value, signal, weight = outputs[order, 0], (target[order] == 1).astype(np.float64), weight[order]
    # events of one output are in one group
    first = np.append(True, np.diff(value) > ALIKE * (value[-1] - value[0]))
    step = np.minimum((np.cumsum(weight) - weight / 2) / weight.sum() * GROUPS, GROUPS - 1).astype(np.int64)
    step = step[np.maximum.accumulate(np.where(first, np.arange(len(value)), 0))]
    group = np.unique(step, return_inverse=True)[1]
    total, sums, positive = (np.bincount(group, part) for part in (weight, weight * value, weight * signal))
    filled = total > 0
    knots, share, total = (sums / total)[filled], (positive / total)[filled], total[filled]
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0).fit(knots, share, sample_weight=total).predict(knots)
    end = 1.0 / (weight.sum() ** 2 / (weight**2).sum() + 2.0)
    return knots, np.clip(fitted, end, 1.0 - end)
