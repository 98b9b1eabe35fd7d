"""Histograms of one region: sums of weights and of their squares, nominal and varied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.systematics.choices import Direction
from snakeroot.templates.binning import Axis
from snakeroot.templates.choices import NegativeBins

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Histogram:
    """What is filled of one sample.

    Attributes:
        values: yields, (bins,).
        variances: their squared statistical uncertainties, (bins,).
        rows: how many are inside.
        outside: yield of the region that is in no bin.
    """

    values: Floats
    variances: Floats
    rows: int = 0
    outside: float = 0.0

    @property
    def total(self) -> float:
        """The yield inside."""
        return float(self.values.sum())

    @property
    def error(self) -> float:
        """Its statistical uncertainty."""
        return float(np.sqrt(self.variances.sum()))


Shifts = Mapping[Direction, Histogram]


@dataclass(frozen=True)
class Channel:
    """One region.

    Attributes:
        axis: its bins.
        nominal: by sample, those of which events are expected; a sample without an event has a histogram of zeros.
        varied: by uncertainty and sample, up and down; of what has no other histograms, nothing.
        data: what is observed, if that is not the expectation.
        negative: number of bins below 0, by the name of the histogram.
    """

    axis: Axis
    nominal: dict[str, Histogram]
    varied: dict[str, dict[str, Shifts]]
    data: Histogram | None = None
    negative: dict[str, int] = field(default_factory=dict)

    def total(self, samples: list[str]) -> Histogram:
        """Return the sum of some samples."""
        known = [self.nominal[name] for name in samples]
        return Histogram(
            np.sum([one.values for one in known], axis=0),
            np.sum([one.variances for one in known], axis=0),
            sum(one.rows for one in known),
            sum(one.outside for one in known),
        )


def filled(axis: Axis, values: Floats, weight: Floats) -> Histogram:
    """Return the histogram of values with weights, (n,)."""
    place = axis.places(values)
    inside = place >= 0
    known, weights = place[inside], weight[inside]
    return Histogram(
        np.bincount(known, weights, axis.bins).astype(np.float64),
        np.bincount(known, weights**2, axis.bins).astype(np.float64),
        int(inside.sum()),
        float(weight[~inside].sum()),
    )


def mirrored(nominal: Histogram, up: Histogram) -> Histogram:
    """Return 2 nominal - up."""
    return replace(up, values=2 * nominal.values - up.values)


def without_negative(where: str, histogram: Histogram, policy: NegativeBins) -> tuple[Histogram, int]:
    """Return a histogram by the policy on bins below 0, and how many there are.

    Raises:
        SnakerootError: if they are to be refused.
    """
    below = histogram.values < 0
    if below.any() and policy == "error":
        worst = int(histogram.values.argmin())
        raise SnakerootError(
            f"{where}: {int(below.sum())} bins are below 0, as bin {worst} with {histogram.values[worst]:.4g}: take "
            "fewer bins, or say what to do with them (templates.negative_bins)"
        )
    if not below.any() or policy == "keep":
        return histogram, int(below.sum())
    return replace(histogram, values=np.where(below, 0.0, histogram.values)), int(below.sum())


def band(channel: Channel, samples: list[str], normalisations: Mapping[str, Mapping[str, float]]) -> Floats:
    """Return the systematic uncertainty of the sum of some samples in each bin, (bins,), and, last, of their yield.

    An uncertainty moves all bins and samples together; its effect is half the difference of up and down, and those of
    different uncertainties are added in quadrature.

    Args:
        normalisations: by uncertainty and sample, relative ones of the whole yield.
    """
    squares = np.zeros(channel.axis.bins + 1)
    for name in sorted({*channel.varied, *normalisations}):
        effect = np.zeros(channel.axis.bins)
        for sample in samples:
            effect += normalisations.get(name, {}).get(sample, 0.0) * channel.nominal[sample].values
            if shifts := channel.varied.get(name, {}).get(sample):
                effect += (shifts["up"].values - shifts["down"].values) / 2
        squares += np.append(effect, effect.sum()) ** 2
    return np.sqrt(squares)
