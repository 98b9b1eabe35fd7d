"""The expected significance of yields of signal and background, by formula, and the cut that is best for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from snakeroot.evaluate.performance import Curve
from snakeroot.evaluate.resampling import Floats

MINIMUM_BACKGROUND = 10
"""Background entries that must pass a cut before anything is said about the background beyond it."""

NEGLIGIBLE = 1e-9
"""Variance of the background, as a share of the Poisson variance, below which it is taken for nothing."""

POINTS = 2**18
"""Points of a curve that are looked at together: the formula takes many times their memory."""


def asimov(signal: Floats, background: Floats, error: ArrayLike = 0.0) -> Floats:
    """Return the median discovery significance for expected yields s and b > 0, b being known to ± `error`.

    Without an error it is sqrt(2 ((s + b) ln(1 + s / b) - s)): G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys.
    J. C 71 (2011) 1554, eq. 97. With one, σ, it is eq. 20 of G. Cowan, Discovery sensitivity for a counting experiment
    with background uncertainty (2012), https://www.pp.rhul.ac.uk/~cowan/stat/medsig/medsigNote.pdf,

        sqrt(2 ((s + b) ln[(s + b) (b + σ²) / (b² + (s + b) σ²)] - b² / σ² ln[1 + σ² s / (b (b + σ²))])),

    for which the background is measured in a Poisson process that is b / σ² times as long. For s << b it is
    s / sqrt(b + σ²). Zero where s <= 0; NaN where b <= 0.
    """
    s, b = np.maximum(signal, 0.0), np.where(background > 0, background, np.nan)
    variance = np.square(np.asarray(error, dtype=np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        # the logarithm's argument less one, without the difference: (s + b) (b + σ²) - b² - (s + b) σ² = s b
        first = (s + b) * np.log1p(s * b / (b**2 + (s + b) * variance))
        known = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
    second = np.where(variance > NEGLIGIBLE * b, known, s)
    # The bracket is a difference of nearly equal numbers for s << b and may fall below zero by rounding.
    significance: Floats = np.sqrt(np.maximum(2.0 * (first - second), 0.0))
    return significance


def best_cut(curve: Curve, signal: float, background: float, uncertainty: float = 0.0) -> float | None:
    """Return the cut with the largest significance for expected yields of all signal and background before it.

    Only cuts that at least `MINIMUM_BACKGROUND` entries of background pass are tried: the yield beyond is not known.
    The tightest of equals; None where there is no such cut.

    Args:
        uncertainty: of the background that passes, relative to it.
    """
    known = np.flatnonzero(curve.background_entries >= MINIMUM_BACKGROUND)
    best: tuple[float, int] | None = None
    for first in range(0, len(known), POINTS):
        points = known[first : first + POINTS]
        passing = background * curve.background_efficiency[points]
        significance = asimov(signal * curve.signal_efficiency[points], passing, uncertainty * passing)
        if not np.isnan(significance).all():
            place = int(np.nanargmax(significance))
            if best is None or significance[place] > best[0]:
                best = float(significance[place]), int(points[place])
    return None if best is None else float(curve.cut[best[1]])
