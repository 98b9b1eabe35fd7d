"""A column of the features in histograms of all samples, of any number of rows, which are in memory a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.data.cancellation import positive
from snakeroot.plotting.extents import extent
from snakeroot.plotting.settings import Axis

Rows = Iterable[pa.Table]
"""Tables with `sample`, `weight` and the column, which can be gone through again."""


@dataclass
class Filled:
    """What the rows of a sample add up to.

    Attributes:
        histogram: of the rows with a value.
        rows: how many there are.
        total, magnitude: sums of the weights of all rows, and of their magnitudes.
        undefined, undefined_squares: sums of the weights, and of their squares, of rows without a value.
    """

    histogram: plotting.Histogram
    rows: int = 0
    total: float = 0.0
    magnitude: float = 0.0
    undefined: float = 0.0
    undefined_squares: float = 0.0

    def add(self, values: NDArray[Any], weight: NDArray[np.float64]) -> None:
        """Add rows, (n,)."""
        known = ~np.isnan(values)
        self.rows += len(values)
        plotting.fill(self.histogram, values[known], weight[known])
        self.total += float(weight.sum())
        self.magnitude += float(np.abs(weight).sum())
        self.undefined += float(weight[~known].sum())
        self.undefined_squares += float(np.square(weight[~known]).sum())

    @property
    def undefined_share(self) -> float:
        """The share of the weights without a value; none of weights that cancel, which have no shares."""
        return self.undefined / self.total if positive(self.total, self.magnitude) else 0.0

    def whole(self) -> plotting.Histogram:
        """Return the histogram of all rows: those without a value are in its overflow."""
        everything = self.histogram.copy()
        view: Any = everything.view(flow=True)
        view["value"][-1] += self.undefined
        view["variance"][-1] += self.undefined_squares
        return everything


@dataclass
class Distribution:
    """A column in all samples.

    Attributes:
        limits: of the axis.
        whole: whether all numbers are whole.
        samples: by name; of one without a row, an empty histogram.
    """

    limits: tuple[float, float]
    bins: int
    whole: bool = True
    samples: dict[str, Filled] = field(default_factory=dict)

    @property
    def seen(self) -> set[str]:
        """The samples that have rows."""
        return {name for name, one in self.samples.items() if one.rows}


def distribution(rows: Rows, feature: str, axis: Axis, samples: Sequence[str], of: Sequence[str] = ()) -> Distribution:
    """Return the histograms of a column in some samples, whose range is the axis's or that of the numbers.

    Args:
        of: samples that the range is of; all by default.
    """
    limits, bins = axis.range, axis.bins
    if limits is None:
        limits, bins = plotting.bins_of(extent(_Numbers(rows, feature, of)), axis.bins, feature)
    found = Distribution(limits, bins)
    for name in samples:
        found.samples[name] = Filled(plotting.empty(limits, bins))
    for table in rows:
        values, weight = numbers(table[feature]), np.asarray(table["weight"].to_numpy(), dtype=np.float64)
        coded = table["sample"].combine_chunks().dictionary_encode()
        places = np.asarray(coded.indices)
        for place, name in enumerate(coded.dictionary.to_pylist()):
            if name in found.samples:
                own = slice(None) if len(coded.dictionary) == 1 else places == place
                found.samples[name].add(values[own], weight[own])
                found.whole = found.whole and plotting.are_whole(values[own])
    return found


@dataclass(frozen=True)
class _Numbers:
    """The numbers of a column, in pieces, as often as they are wanted."""

    rows: Rows
    feature: str
    samples: Sequence[str]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for table in self.rows:
            values = numbers(table[self.feature])
            if self.samples:
                values = values[np.isin(np.asarray(table["sample"].cast(pa.string())), list(self.samples))]
            yield values


def numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of numbers of any type, (n,): float32 as it is, others as float64, NaN where there is none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    values = np.asarray(column.to_numpy())
    return values if values.dtype == np.float32 else values.astype(np.float64)
