"""Data against simulation, bin by bin: pure mathematics on histograms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import hist
import numpy as np
from hist.intervals import poisson_interval
from scipy.stats import chi2

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.resampling import Floats

FEWEST = 5.0
"""Events expected in a bin of the χ², at least: neighbours with fewer are put together, or it is no χ²."""

Histogram = hist.Hist[Any]


@dataclass(frozen=True)
class Test:
    """A χ² test: its value, degrees of freedom, and the probability of a larger value."""

    chi2: float
    ndf: int
    p: float


@dataclass(frozen=True)
class Comparison:
    """Histograms of the same bins, with under- and overflow.

    Attributes:
        data: recorded events.
        simulation: yields, by sample.
        uncertainty: relative, of the yield of each sample, or of all together.
        scale: what the simulation was multiplied by, to have the sum of the data; None where it is absolute.
    """

    data: Histogram
    simulation: dict[str, Histogram]
    uncertainty: float | Mapping[str, float]
    scale: float | None = None

    def scaled(self) -> Comparison:
        """Return it with the simulation scaled to the sum of the data, if both are above zero."""
        total, data = contents(self.total), contents(self.data)
        if not (add_up(total) and add_up(data)):
            return self
        scale = float(data.sum() / total.sum())
        simulation = {name: one * scale for name, one in self.simulation.items()}
        return replace(self, simulation=simulation, scale=scale)

    @property
    def total(self) -> Histogram:
        """All samples together."""
        return sum(list(self.simulation.values())[1:], next(iter(self.simulation.values())))

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """The Poisson interval of 68.27 % of the data in each bin, under- and overflow included.

        Source: F. Garwood, Biometrika 28 (1936) 437. Of weighted data it is that of the effective number of events,
        times their mean weight; an empty bin of these has the limit of an event of the mean weight of all.
        """
        view: Any = self.data.view(flow=True)
        values, variances = view["value"].copy(), view["variance"].copy()
        low, high = poisson_interval(np.maximum(values, 0.0), np.where(values > 0, variances, 0.0))
        return low, np.where(values > 0, high, poisson_interval(np.zeros(1))[1] * self.unit)

    @property
    def unit(self) -> float:
        """The mean weight of an event of data, weighted by itself; 1 of events that count as one."""
        view: Any = self.data.view(flow=True)
        total = float(view["value"].sum())
        return float(view["variance"].sum()) / total if total > 0 else 1.0

    @property
    def systematic(self) -> Floats:
        """The uncertainty of the yields in each bin of the total, under- and overflow included.

        Samples are independent, and each moves all of its bins together. Where the sum is that of the data, a sample
        can only grow at the cost of the others.
        """
        error: Floats = np.sqrt(np.sum(np.square(self._shifts()), axis=0))
        return error

    @property
    def systematic_of_all(self) -> float:
        """The uncertainty of the yields in their sum over all bins."""
        return math.sqrt(float(np.sum(np.square(np.sum(self._shifts(), axis=1)))))

    def _shifts(self) -> Floats:
        """By how much each uncertainty moves the total in each bin, (uncertainties, bins)."""
        total = contents(self.total)
        if isinstance(self.uncertainty, Mapping):
            known = {name: one for name, one in self.uncertainty.items() if name in self.simulation}
            shifts = [relative * contents(self.simulation[name]) for name, relative in known.items()]
        else:
            shifts = [self.uncertainty * total]
        if self.scale is not None:
            shifts = [shift - total * shift.sum() / total.sum() for shift in shifts]
        return np.array(shifts).reshape(len(shifts), len(total))

    def test(self) -> Test | None:
        """Return the χ² of the bins shown: Σ (n - m)² / (m + Σ w²), of n events where m of weights w are expected.

        m is the variance of data that the simulation describes; taking n for it, as of unweighted histograms is usual,
        would give few events too much weight. Neighbouring bins are put together until each has `FEWEST` expected
        events; fewer than that at the end belong to the bin before. One degree of freedom is lost where the sums are
        made equal. None if nothing can be compared. Uncertainties of yields are not in it.
        """
        total, data = self.total, self.data.values()
        expected, squares = np.asarray(total.values()), np.asarray(total.variances())
        groups = together(expected / self.unit)
        bins = int(groups.max()) + 1 if groups is not None else 0
        ndf = bins - (self.scale is not None)
        if ndf < 1:
            return None
        n, m, variance = (np.bincount(groups, values, bins) for values in (data, expected, squares))
        value = float(np.sum((n - m) ** 2 / (self.unit * m + variance)))
        return Test(value, ndf, float(chi2.sf(value, ndf)))


def together(expected: Floats) -> Any:
    """Return for each bin the number of the group of neighbours that it belongs to, (n,); None if all is too little."""
    groups, number, held = np.zeros(len(expected), dtype=np.int64), 0, 0.0
    for place, one in enumerate(expected):
        groups[place] = number
        held += float(one)
        if held >= FEWEST:
            number, held = number + 1, 0.0
    return np.minimum(groups, number - 1) if number else None


def yield_of(filled: Histogram) -> tuple[float, float]:
    """Return the sum over all bins, under- and overflow included, and its statistical uncertainty."""
    view: Any = filled.view(flow=True)
    return float(view["value"].sum()), math.sqrt(float(view["variance"].sum()))


def contents(filled: Histogram) -> Floats:
    """Return the sums of weights of all bins, under- and overflow included."""
    view: Any = filled.view(flow=True)
    return np.asarray(view["value"], dtype=np.float64)
