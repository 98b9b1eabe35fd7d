"""The expected significance of binned yields by formula, without a fit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.significance import asimov

Floats = NDArray[np.float64]


def combined(signal: Floats, background: Floats) -> float | None:
    """Return the median discovery significance of all bins, (n,): the root of the sum of its squares.

    It is that of the profile likelihood without nuisance parameters: G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554,
    eq. 97, whose logarithms of likelihood ratios add up over the bins. None if a bin with signal has no background.
    """
    return _together(asimov(signal, background), signal)


def with_uncertainty(signal: Floats, background: Floats, error: Floats) -> float | None:
    """Return the same for backgrounds known to ± `error`, (n,), each bin's independently of the others'.

    Source: G. Cowan, Discovery sensitivity for a counting experiment with background uncertainty (2012), eq. 20.
    """
    return _together(asimov(signal, background, error), signal)


def _together(significance: Floats, signal: Floats) -> float | None:
    """Return the root of the sum of squares; bins without signal add nothing."""
    total = float(np.sum(np.where(signal > 0, significance, 0.0) ** 2))
    return math.sqrt(total) if math.isfinite(total) else None
