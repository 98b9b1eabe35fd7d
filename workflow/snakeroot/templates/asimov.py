"""The expected significance of binned yields by formula, without a fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.performance import asimov

Floats = NDArray[np.float64]


def combined(signal: Floats, background: Floats) -> float | None:
    """Return the median discovery significance of all bins, (n,): the root of the sum of its squares.

    It is that of the profile likelihood without nuisance parameters: G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554,
    eq. 97, whose logarithms of likelihood ratios add up over the bins. None if a bin with signal has no background.
    """
    return _together(asimov(signal, background), signal)


def with_uncertainty(signal: Floats, background: Floats, error: Floats) -> float | None:
    """Return the same for backgrounds known to ± `error`, (n,), each bin's independently of the others'.

    Source: G. Cowan, Discovery sensitivity for a counting experiment with background uncertainty (2012), eq. 20: the
    background is measured in a Poisson process that is (background / error)² / background times as long.
    """
    return _together(_uncertain(signal, background, error), signal)


def _uncertain(signal: Floats, background: Floats, error: Floats) -> Floats:
    s, b = np.maximum(signal, 0.0), np.where(background > 0, background, np.nan)
    variance = error**2
    with np.errstate(invalid="ignore", divide="ignore"):
        first = (s + b) * np.log((s + b) * (b + variance) / (b**2 + (s + b) * variance))
        second = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
        known = np.sqrt(np.maximum(2.0 * (first - second), 0.0))
    # where the error is far below that of counting, the formula is a difference of large numbers
    return np.where(variance > 1e-9 * b, known, asimov(s, b))


def _together(significance: Floats, signal: Floats) -> float | None:
    """Return the root of the sum of squares; bins without signal add nothing."""
    total = float(np.sum(np.where(signal > 0, significance, 0.0) ** 2))
    return math.sqrt(total) if math.isfinite(total) else None
