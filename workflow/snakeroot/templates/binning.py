"""Edges of bins: equal shares, or the largest significance; and which bin a value is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import CANCELLED
from snakeroot.evaluate.significance import asimov

Floats = NDArray[np.float64]

CANDIDATES = 400
"""Edges among which the best are looked for: quantiles of signal and background, of each half as many."""


@dataclass(frozen=True)
class Axis:
    """Bins of a region.

    Attributes:
        edges: ascending, (bins + 1,).
        open: whether what lies beyond the ends belongs to the outermost bins.
    """

    edges: Floats
    open: bool = False

    @property
    def bins(self) -> int:
        """How many there are."""
        return len(self.edges) - 1

    def places(self, values: Floats) -> NDArray[np.int64]:
        """Return the number of each value's bin, (n,); -1 of what is outside, or no number. The last bin is closed."""
        place = np.searchsorted(self.edges, values, side="right") - 1
        inside = np.isfinite(values) if self.open else (values >= self.edges[0]) & (values <= self.edges[-1])
        return np.where(inside, np.clip(place, 0, self.bins - 1), -1)


def inner(values: Floats, weight: Floats, bins: int) -> Floats:
    """Return the inner edges of bins with equal shares of the weights' magnitudes: at most `bins` - 1, ascending."""
    order = np.argsort(values, kind="stable")
    ranked, summed = values[order], np.cumsum(np.abs(weight[order]))
    if not len(ranked) or summed[-1] <= 0:
        return np.zeros(0)
    wanted = summed[-1] * np.arange(1, bins) / bins
    return np.unique(ranked[np.searchsorted(summed, wanted * (1 + CANCELLED))])


def quantiles(values: Floats, weight: Floats, bins: int, ends: tuple[float, float]) -> Floats:
    """Return the edges of bins with equal shares of the weights: fewer bins than wanted where many values are equal."""
    edges = inner(values, weight, bins)
    return np.concatenate([ends[:1], edges[(edges > ends[0]) & (edges < ends[1])], ends[1:]])


def optimised(
    values: tuple[Floats, Floats],
    weights: tuple[Floats, Floats],
    bins: int,
    least: float,
    ends: tuple[float, float],
    copies: float = 1.0,
) -> Floats | None:
    """Return the edges of at most so many bins with the largest Asimov significance, without uncertainty.

    Squared significances of bins add up, so the best division of the cells between candidate edges is found by
    dynamic programming, exactly: best(k, j) = max over i < j of best(k - 1, i) + Z²(cells i to j). Of equally good ones
    it is that with the fewest bins.

    Args:
        values, weights: of signal, then background, (n,) each, within the ends.
        least: effective events, (Σw)² / Σw², of background in each bin.
        copies: rows per event, which are not independent.

    Returns:
        None if no bin, not even one of all, has so many.
    """
    candidates = [inner(one, weight, CANDIDATES // 2) for one, weight in zip(values, weights, strict=True)]
    edges = np.unique(np.concatenate([*candidates, ends]))
    edges = edges[(edges >= ends[0]) & (edges <= ends[1])]
    axis = Axis(edges)
    signal, background, squares = (
        np.concatenate([[0.0], np.cumsum(np.bincount(axis.places(one), weight, axis.bins))])
        for one, weight in (
            (values[0], weights[0]),
            (values[1], weights[1]),
            (values[1], weights[1] ** 2 * copies),
        )
    )
    gain = _gains(signal, background, squares, least)
    best, origins = gain[0], []
    chosen = (best[-1], 1)
    for count in range(2, bins + 1):
        total = best[:, np.newaxis] + gain
        origins.append(np.argmax(total, axis=0))
        best = total.max(axis=0)
        if best[-1] > chosen[0] * (1 + CANCELLED):
            chosen = (best[-1], count)
    if not np.isfinite(chosen[0]):
        return None
    places = [axis.bins]
    for origin in reversed(origins[: chosen[1] - 1]):
        places.append(int(origin[places[-1]]))
    return edges[[0, *reversed(places)]]


def _gains(signal: Floats, background: Floats, squares: Floats, least: float) -> Floats:
    """Return Z² of a bin from candidate i to candidate j, (edges, edges), -inf of what is none, from running sums."""
    s, b, v = (sums[np.newaxis, :] - sums[:, np.newaxis] for sums in (signal, background, squares))
    allowed = np.triu(np.ones_like(s, bool), 1) & (b > 0) & (v > 0)
    allowed &= b**2 >= least * np.where(v > 0, v, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(allowed, asimov(s, np.where(allowed, b, np.nan)) ** 2, -np.inf)
