"""Histograms: their ranges, which contain both ends, what lies outside of them, and how they are drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import hist
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from snakeroot.data.cancellation import positive
from snakeroot.errors import SnakerootError
from snakeroot.plotting.extents import Extent, extent

Floats = NDArray[np.float64]
Histogram = hist.Hist[Any]


def per_bin(filled: Histogram, unit: str = "") -> str:
    """Return " / 2 GeV" for an axis that shows contents per bin of this width."""
    return f" / {float(filled.axes[0].widths[0]):.3g} {unit}".rstrip()


def histogram(
    values: ArrayLike, weights: ArrayLike, limits: tuple[float, float], bins: int, *, log: bool = False
) -> Histogram:
    """Return a histogram of `bins` equal bins between `limits`, with sums of weights and of squared weights per bin.

    Entries at either limit are inside. What lies outside is kept in the under- and overflow; NaN counts as overflow.

    Args:
        log: whether the bins are equal in the logarithm; of limits above zero.
    """
    filled = empty(limits, bins, log=log)
    if log:
        values = np.maximum(np.asarray(values, dtype=np.float64), limits[0] / 2)  # what has no logarithm is below, too
    fill(filled, values, weights)
    return filled


def empty(limits: tuple[float, float], bins: int, *, log: bool = False) -> Histogram:
    """Return a histogram with nothing in it; see `histogram`."""
    axis = hist.axis.Regular(bins, *limits, transform=hist.axis.transform.log if log else None)
    return hist.Hist(axis, storage=hist.storage.Weight())


def fill(filled: Histogram, values: ArrayLike, weights: ArrayLike) -> None:
    """Add entries to a histogram; those at either limit are inside."""
    filled.fill(at_edges(values, filled.axes[0].edges), weight=np.asarray(weights, dtype=np.float64))


def at_edges(values: ArrayLike, edges: Floats) -> Floats:
    """Return the values, float64, with those at the outer edges of bins moved into the outermost bins.

    So the last bin is closed, as numpy's is.
    """
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(within(numbers, edges), np.clip(numbers, edges[:2].mean(), edges[-2:].mean()), numbers)


def within(values: ArrayLike, edges: Floats) -> NDArray[np.bool_]:
    """Return which values are in a range, both ends of which are inside, given the edges of its bins.

    Features are float32: a value that differs from an end by no more than their rounding, and by less than a thousandth
    of the bin, is at the end.
    """
    numbers = np.asarray(values, dtype=np.float64)
    (low, after), (before, high) = edges[:2], edges[-2:]
    below, above = (
        min(2.0**-23 * abs(end), 1e-3 * width) for end, width in ((low, after - low), (high, high - before))
    )
    return np.asarray((numbers >= low - below) & (numbers <= high + above))


def outside(filled: Sequence[Histogram], undefined: Sequence[float] = (), called: str = "undefined") -> str:
    """Return what to say of the shares of the histograms that lie outside of their range; nothing if nothing does.

    Args:
        undefined: shares that are no numbers, and in none of them.
        called: what these are.
    """
    ends = [_ends(one) for one in filled]
    below, above = ([share[end] for share in ends] for end in (0, 1))
    return not_shown({"below": below, "above": above, called: undefined})


def _ends(filled: Histogram) -> tuple[float, float]:
    """Return the shares below and above the range; none of weights that cancel, which have no shares."""
    view: Any = filled.view(flow=True)
    total = float(view["value"].sum())
    if not positive(total, math.sqrt(view["variance"].sum())):
        return 0.0, 0.0
    return float(view["value"][0]) / total, float(view["value"][-1]) / total


def not_shown(shares: Mapping[str, Sequence[float]]) -> str:
    """Return "not shown: 0.5 % below, 3–41 % above" of the shares, of one or several curves, by where they are."""
    parts = [f"{_percent(of_curves)} {where}" for where, of_curves in shares.items() if any(of_curves)]
    return f"not shown: {', '.join(parts)}" if parts else ""


def _percent(shares: Sequence[float]) -> str:
    ends = [100 * float(end) for end in (min(shares), max(shares))]
    texts = [
        f"{end:.0f}" if abs(end) >= 10 else f"{end:.2g}" if abs(end) >= 0.01 or not end else "<0.01" for end in ends
    ]
    return f"{'–'.join(dict.fromkeys(texts))} %".replace("-", "−")


def fractions(filled: Histogram) -> Histogram:
    """Return the histogram divided by its sum, under- and overflow included; unchanged if that is not above 0."""
    view: Any = filled.view(flow=True)
    total = float(view["value"].sum())
    return filled * (1.0 / total) if positive(total, math.sqrt(view["variance"].sum())) else filled


def errors(filled: Histogram) -> Floats:
    """Return the statistical uncertainty per bin: the square root of the sum of squared weights."""
    return np.sqrt(np.asarray(filled.variances(), dtype=np.float64))


def draw_steps(axes: Axes, filled: Histogram, *, fill: bool = False, band: bool = True, **look: Any) -> None:
    """Draw the histogram as an outline, on request with its area filled, and its uncertainty as a band."""
    values, edges, error = filled.values(), filled.axes[0].edges, errors(filled)
    colour = look["color"]
    if fill:
        axes.stairs(values, edges, fill=True, facecolor=colour, alpha=0.25, linewidth=0)
    if band:
        axes.stairs(values + error, edges, baseline=values - error, fill=True, facecolor=colour, alpha=0.3, linewidth=0)
    axes.stairs(values, edges, linewidth=1.4, **look)


def draw_points(axes: Axes, filled: Histogram, **look: Any) -> None:
    """Draw the histogram as points with error bars; empty bins are left out."""
    values, centres, error = filled.values(), filled.axes[0].centers, errors(filled)
    shown = error > 0
    axes.errorbar(centres[shown], values[shown], error[shown], **{"linestyle": "none", "markersize": 4, **look})


def frame(filled: Histogram, **labels: str) -> pd.DataFrame:
    """Return one row per bin: the labels, low and high edge, value, error. Under- and overflow come first and last."""
    edges = np.concatenate([[-np.inf], filled.axes[0].edges, [np.inf]])
    view: Any = filled.view(flow=True)
    columns = {"low": edges[:-1], "high": edges[1:], "value": view["value"], "error": np.sqrt(view["variance"])}
    return pd.DataFrame({**dict.fromkeys(labels), **columns}).assign(**labels)


def span(values: NDArray[Any], feature: str) -> tuple[float, float]:
    """Return the range without the outermost 0.5 % of entries on either side; never empty."""
    return _span(extent([values]), feature)


def _span(known: Extent, feature: str) -> tuple[float, float]:
    if not known.count:
        raise SnakerootError(
            f"feature {feature}: no finite value in any sample; check its expression and the selection"
        )
    low, high = known.low, known.high
    margin = max(0.5, 1e-3 * abs(low))
    return (low, high) if low < high else (low - margin, high + margin)


def are_whole(values: NDArray[Any]) -> bool:
    """Return whether all values that are finite are whole numbers."""
    finite = values[np.isfinite(values)].astype(np.float64)
    return bool(np.all(finite == np.round(finite)))


def binning(values: NDArray[Any], bins: int, feature: str) -> tuple[tuple[float, float], int]:
    """Return the `span` and at most so many bins; of whole numbers, each bin has equally many of those that occur."""
    return bins_of(extent([values]), bins, feature)


def bins_of(known: Extent, bins: int, feature: str) -> tuple[tuple[float, float], int]:
    """Return the `binning` of numbers of which it is known where they are.

    Numbers beyond 2⁵³ are not known to one.
    """
    limits = _span(known, feature)
    if not known.whole or not known.exact:
        return limits, bins
    step, first, last = known.step or 1, round(known.first), round(known.last)
    many = (last - first) // step + 1
    width = step * math.ceil(many / bins)
    count = math.ceil(many * step / width)
    return (first - step / 2, first - step / 2 + count * width), count
