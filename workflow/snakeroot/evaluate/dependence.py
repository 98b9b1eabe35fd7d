"""How much a cut on a score changes the shape of another variable, and how much the two depend on each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up, positive
from snakeroot.evaluate.resampling import Floats, Integers

RANDOM_CUTS = 40
"""Random cuts that say what statistics alone do to a divergence."""
MOST_ROWS = 2000
"""Rows whose distances are taken, each to each, at most."""


def divergence(first: Floats, second: Floats) -> float:
    """Return the Jensen–Shannon divergence of two histograms (bins,): 0 of equal shapes, 1 of shapes that are apart.

    In bits: J. Lin, IEEE Trans. Inf. Theory 37 (1991) 145. Bins that weights of both signs make negative count as
    empty; NaN if nothing is left of one of the two.
    """
    shapes = [np.maximum(one, 0.0) for one in (first, second)]
    if not all(one.sum() > 0 for one in shapes):
        return math.nan
    first, second = (one / one.sum() for one in shapes)
    mean = (first + second) / 2
    return float(min(max((_information(first, mean) + _information(second, mean)) / 2, 0.0), 1.0))


def _information(shape: Floats, other: Floats) -> float:
    """Kullback and Leibler's, in bits."""
    there = shape > 0
    return float(np.sum(shape[there] * np.log2(shape[there] / other[there])))


def by_chance(places: dict[str, Integers], bins: dict[str, int], weight: Floats, kept: int, seed: list[int]) -> Floats:
    """Return the divergences that random cuts cause which keep so many rows: by variable, (variables, RANDOM_CUTS).

    Few events differ from many by chance, so a divergence is above zero even where a cut knows nothing of a variable.

    Args:
        places: number of the bin of each row, (n,), by variable; -1 of rows that are in none.
        bins: how many there are.
        weight: (n,).
    """
    random = np.random.default_rng(seed)
    before = {name: _contents(place, bins[name], weight) for name, place in places.items()}
    found = np.full((len(places), RANDOM_CUTS), np.nan)
    for number in range(RANDOM_CUTS):
        rows = random.choice(len(weight), kept, replace=False, shuffle=False)
        for line, (name, place) in enumerate(places.items()):
            found[line, number] = divergence(_contents(place[rows], bins[name], weight[rows]), before[name])
    return found


def _contents(place: Integers, bins: int, weight: Floats) -> Floats:
    return np.asarray(np.bincount(place + 1, weight, bins + 1)[1:], dtype=np.float64)


def choose(known: NDArray[np.bool_], seed: int) -> Integers:
    """Return at most `MOST_ROWS` of the rows (n,) that are known, ascending, all of them being equally likely."""
    rows = np.flatnonzero(known)
    random = np.random.default_rng(seed)
    return np.sort(random.choice(rows, min(len(rows), MOST_ROWS), replace=False, shuffle=False))


def distance_correlation(first: Floats, second: Floats, weight: Floats) -> tuple[float, float]:
    """Return the distance correlation of two variables, and what independent ones of as many rows would have.

    G. Székely, M. Rizzo, N. Bakirov, Ann. Statist. 35 (2007) 2769, definitions 4 and 5: between 0 and 1, and above 0
    for any dependence, be it linear or not. Weights as in G. Kasieczka, D. Shih, Phys. Rev. Lett. 125 (2020) 122001. It
    is biased upwards: what independent variables would have is the root of the mean of its square over all permutations
    of the rows, exact for equal weights. NaN where one of the two does not vary, or weights of both signs cancel.

    Args:
        first, second, weight: (n,); n² numbers are in memory.
    """
    weight = weight / weight.sum() if weight.sum() else np.full(len(weight), np.nan)
    one, other = (_centred(values, weight) for values in (first, second))
    pairs = weight[:, np.newaxis] * weight
    covariance, *variances = (float(np.sum(pairs * product)) for product in (one * other, one**2, other**2))
    if not all(variance > 0 for variance in variances):
        return math.nan, math.nan
    scale = math.sqrt(variances[0] * variances[1])
    squares = float(np.sum(weight**2))
    traces = float(np.sum(weight * np.diagonal(one))) * float(np.sum(weight * np.diagonal(other)))
    alone = traces * squares / (1 - squares) if 0 < squares < 1 else math.nan
    return math.sqrt(max(covariance, 0.0) / scale), math.sqrt(max(alone, 0.0) / scale)


def _centred(values: Floats, weight: Floats) -> Floats:
    """The distances of all pairs, (n, n), without their means over rows and columns."""
    away = np.abs(values[:, np.newaxis] - values)
    # not `@`: a matrix product's last bits depend on the number of threads
    means: Floats = (away * weight).sum(axis=1)
    centred: Floats = away - means[:, np.newaxis] - means + (means * weight).sum()
    return centred


def correlations(columns: Mapping[str, Floats], weight: Floats, copies: float = 1.0) -> pd.DataFrame:
    """Return for each pair of columns (n,) Pearson's weighted `correlation`, its `error`, and its number of `entries`.

    Rows in which one of the two is not finite are left out of a pair. The error is the asymptotic one of a normal
    distribution, (1 - r²) / √(n - 1) (M. Kendall, A. Stuart, The Advanced Theory of Statistics, vol. 1, 16.29), for
    n = (Σw)² / Σw² over the copies. NaN where one of the two does not vary, or weights of both signs cancel.

    Args:
        copies: rows per event.
    """
    known = {name: np.isfinite(values) for name, values in columns.items()}
    whole = {name: _centre(columns[name], weight) for name in columns if known[name].all()}
    found = []
    for one, other in itertools.combinations(columns, 2):
        both = known[one] & known[other]
        own = weight if both.all() else weight[both]
        pair = [
            whole[name] if both.all() else _centre(columns[name][both], own)  # which all pairs have in common
            for name in (one, other)
        ]
        correlation, error = _pearson(pair, own, copies)
        found.append({"first": one, "second": other, "correlation": correlation, "error": error, "entries": both.sum()})
    return pd.DataFrame(found, columns=["first", "second", "correlation", "error", "entries"])


def _centre(values: Floats, weight: Floats) -> Floats | None:
    """Return values (n,) less their mean, in units of their deviation; None if they do not vary, or weights cancel."""
    if not add_up(weight) or not np.ptp(values) > 0:
        return None
    share = weight / weight.sum()
    away = values - (share * values).sum()
    variance = float((share * away**2).sum())
    return away / math.sqrt(variance) if positive(variance, float((np.abs(share) * away**2).sum())) else None


def _pearson(pair: Sequence[Floats | None], weight: Floats, copies: float) -> tuple[float, float]:
    one, other = pair
    if one is None or other is None:
        return math.nan, math.nan
    share = weight / weight.sum()
    correlation = float((share * one * other).sum())
    effective = 1 / float((share**2).sum()) / copies
    error = max(1 - correlation**2, 0.0) / math.sqrt(effective - 1) if effective > 1 else math.nan
    return correlation, error
