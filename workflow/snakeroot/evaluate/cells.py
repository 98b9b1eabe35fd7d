"""Scores in cells, and the bootstrap of all that follows from what is in them: for millions of events and many weights.

Up to `CELLS` different scores a cell is a score, and nothing is lost. Beyond, a cell has neighbouring scores, finely
where signal or background is dense and where little of the background passes: an interval does not notice, and what it
is around is computed of all scores.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from snakeroot.data.cancellation import positive
from snakeroot.evaluate.calibration import BINS, Reliability, bins
from snakeroot.evaluate.performance import LEAST_LIKELY, Curve, Ranking
from snakeroot.evaluate.resampling import Floats, Integers

CELLS = 1024
"""Different scores of which each may have a cell of its own."""

GROUPS = 2**14
"""Events that are resampled one by one; of more, so many groups of equal size are. The sum over rows that are
independent is as good as a row; the width of an interval is then known within 1 / sqrt(2 GROUPS), half a percent."""

REPLICAS = 50
"""Resamplings whose factors are in memory together: as many as the cache of a core holds."""


class Cells:
    """The rows of a split by cell, from the highest scores to the lowest.

    Attributes:
        place: the cell of each row, (n,), those of the signal after those of the background.
        lowest: the lowest score of each cell, (k,).
        bin: the bin of the calibration that a cell is in, (k,).
        score, brier, loss: what the rows of a cell have on average, of background and of signal, (2, k); 0 of none.
    """

    def __init__(self, ranking: Ranking, target: NDArray[np.integer], score: Floats, breaks: Sequence[float] = ()):
        """Put scores (n,) into cells; no cell has scores on both sides of 0.5, of a break, or of an edge of a bin."""
        different = ranking.cut[1:]
        begins = np.zeros(len(different), dtype=bool)
        sides = np.searchsorted(np.sort([0.5, *breaks]), different, side="right")
        for part in (neighbours(ranking), bins(different), sides):
            begins[1:] |= part[1:] != part[:-1]
        del sides, part  # or there would be too much of millions of events in memory
        self.lowest = different[np.append(np.flatnonzero(begins), len(different)) - 1]
        self.bin = bins(self.lowest)
        cell = np.cumsum(begins, dtype=np.int32)
        place = np.empty(len(score), dtype=np.int32)
        place[ranking.order] = np.repeat(cell, np.diff(ranking.last, prepend=-1))
        place[ranking.signal] += len(self.lowest)
        self.place = place
        entries = self.sums(np.ones(len(score)))
        likely = np.maximum(np.where(ranking.signal, score, 1.0 - score), LEAST_LIKELY)
        self.loss = self._means(-np.log(likely, out=likely), entries)
        self.score, self.brier = self._means(score, entries), self._means(np.square(score - target), entries)

    def _means(self, values: Floats, entries: Floats) -> Floats:
        return np.divide(self.sums(values), entries, out=np.zeros(entries.shape), where=entries > 0)

    def sums(self, amount: Floats) -> Floats:
        """Return what the rows of each cell have of something, (n,), together: of background and of signal, (2, k)."""
        size = 2 * len(self.lowest)
        return np.bincount(self.place, amount, size).reshape(2, -1).astype(np.float64, copy=False)

    def resampled(self, event: Integers, weights: Sequence[Floats], count: int, seed: Sequence[int]) -> list[Floats]:
        """Return for each of several weights (n,) their sums in the cells, (2, k, count), the events being resampled.

        The factor of an event is Poisson distributed with mean 1, the same for all its rows and weights, and for other
        scores of the same events and the same seed. Background comes first. A resampling in which nothing of a class is
        left is NaN.
        """
        flat = resampled(self.place, 2 * len(self.lowest), event, weights, count, seed)
        drawn = [sums.reshape(2, -1, count) for sums in flat]
        for sums, weight in zip(drawn, weights, strict=True):
            for target, magnitude in enumerate(self.sums(np.abs(weight)).sum(axis=1)):
                lost = [not positive(total, magnitude) for total in sums[target].sum(axis=0)]
                sums[:, :, lost] = np.nan
        return drawn

    def passing(self, cut: float, sums: Floats) -> Floats:
        """Return what is at or above a cut, at which there is a break, of sums (2, k) or (2, k, r)."""
        passing: Floats = sums[:, self.lowest >= cut].sum(axis=1)
        return passing

    def reliability(self, sums: Floats) -> Reliability:
        """Return what is in each bin of the score, (bins, r), of sums (2, k, r), for equal totals of the classes."""
        background, signal = sums / sums.sum(axis=1, keepdims=True) / 2
        score = background * self.score[0][:, np.newaxis] + signal * self.score[1][:, np.newaxis]
        found = np.zeros((3, BINS, sums.shape[2]))
        for number in np.unique(self.bin):
            rows = self.bin == number
            found[:, number] = [part[rows].sum(axis=0) for part in (background + signal, score, signal)]
        return Reliability(*found)

    def curve(self, sums: Floats) -> Curve:
        """Return what passes each cell's lowest score, (k + 1, r), of sums (2, k, r)."""
        passing = np.zeros((2, sums.shape[1] + 1, *sums.shape[2:]))
        np.cumsum(sums, axis=1, out=passing[:, 1:])
        entries = np.zeros(len(self.lowest) + 1, dtype=np.int64)
        return Curve(
            np.append(np.inf, self.lowest), signal=passing[1], background=passing[0], background_entries=entries
        )


def resampled(
    place: NDArray[np.integer], cells: int, event: Integers, weights: Sequence[Floats], count: int, seed: Sequence[int]
) -> list[Floats]:
    """Return for each of several weights (n,) their sums in the cells, (cells, count), the events being resampled.

    The factor of an event is Poisson distributed with mean 1, the same for all its rows and weights, and for other
    cells of the same events and the same seed.

    Args:
        place: the cell of each row, (n,).
    """
    group = (event % GROUPS).astype(np.int32)
    factors = _factors(min(int(event.max()) + 1, GROUPS), count, tuple(seed))
    # numpy has a radix sort for 16 bits
    order = np.argsort(place.astype(np.uint16 if cells <= 2**16 else np.int64), kind="stable")
    starts = np.append(0, np.cumsum(np.bincount(place, minlength=cells)))
    columns = group[order]
    drawn = [np.empty((cells, count)) for _ in weights]
    for sums, weight in zip(drawn, weights, strict=True):
        matrix = csr_matrix((weight[order], columns, starts), (cells, factors[0].shape[0]))
        begin = 0
        for factor in factors:
            # scipy's product, which adds up one row after the other, unlike one of dense matrices
            sums[:, begin : begin + factor.shape[1]] = matrix @ factor.astype(np.float64)
            begin += factor.shape[1]
    return drawn


@functools.lru_cache(maxsize=3)
def _factors(size: int, count: int, seed: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """Return the factors of the events in each resampling, (size, up to `REPLICAS`) each: kept for other models."""
    random = np.random.default_rng(seed)
    widths = [min(REPLICAS, count - begin) for begin in range(0, count, REPLICAS)]
    return [random.poisson(1.0, (size, width)).astype(np.uint8) for width in widths]


def neighbours(ranking: Ranking) -> Integers:
    """Return the cell of each different score, (k,): growing, from the highest score on, below `CELLS` + 1 or k."""
    many = len(ranking.last)
    if many <= CELLS:
        return np.arange(many)
    background = ranking.background_entries[1:]
    signal = ranking.last + 1 - background
    scale = signal / signal[-1]
    scale += background / background[-1]
    scale += np.log1p(background) / np.log1p(background[-1])
    scale *= CELLS / 3
    cell: Integers = scale.astype(np.int64)
    return cell
