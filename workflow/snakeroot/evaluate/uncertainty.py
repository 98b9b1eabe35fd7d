"""Is the uncertainty that a regression states right? Coverage, pulls and proper scores.

A stated distribution is good if it is calibrated, and the sharper the better (T. Gneiting et al., J. R. Stat. Soc. B 69
(2007) 243): `coverage` and the pulls measure the first, `sharpness` the second, a proper score both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import NamedTuple

import numpy as np

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.resampling import Floats
from snakeroot.networks.objectives import MEDIAN, SIGMA, shares

NOMINAL = math.erf(math.sqrt(0.5))
"""What an interval of one standard deviation to both sides of a normal distribution's mean has: 68.27 %."""


class Interval(NamedTuple):
    """The interval that is to have about 68 % of the targets: its ends (n,), and the share that it should have."""

    low: Floats
    high: Floats
    nominal: float


def interval(names: tuple[str, ...], predicted: Floats, stated: Floats) -> Interval:
    """Return that of one standard deviation, or that between the two quantiles whose shares are nearest to 68 % apart.

    Where the median is the lowest or the highest quantile, it is an end of the interval.

    Args:
        predicted: (n,).
        stated: (n, names).
    """
    if names == (SIGMA,):
        return Interval(predicted - stated[:, 0], predicted + stated[:, 0], NOMINAL)
    every = {MEDIAN: predicted, **dict(zip(shares(names), stated.T, strict=True))}
    lower, higher = ([one for one in sorted(every) if side(one)] for side in (MEDIAN.__gt__, MEDIAN.__lt__))
    pairs = product(lower or [MEDIAN], higher or [MEDIAN])
    low, high = min(pairs, key=lambda pair: (round(abs(pair[1] - pair[0] - NOMINAL), 9), pair))
    return Interval(every[low], every[high], high - low)


def nominal(rows: Predictions) -> dict[str, float]:
    """Return what `coverage` should be, where a model has any."""
    if rows.stated is None:
        return {}
    return {"nominal_coverage": interval(rows.stated.names, rows.predicted, rows.stated.shown).nominal}


def scores(
    target: Floats, predicted: Floats, names: tuple[str, ...], stated: Floats
) -> Callable[[Floats], dict[str, float]]:
    """Return the measure of stated distributions.

    `coverage` is the share of targets in the interval, `sharpness` half of its mean width. Of normal distributions
    there are mean and standard deviation of the pulls, (prediction - target) / σ, and `nll`, the mean negative
    logarithm of the density at the target; of quantiles there is `pinball`, the mean loss of them and the median.
    Widths and pinball loss are in the target's unit, of which densities have the inverse.

    Args:
        target, predicted: (n,).
        names, stated: as `Stated` has them.
    """
    known = interval(names, predicted, stated)
    columns = {
        "coverage": ((known.low <= target) & (target <= known.high)).astype(np.float64),
        "sharpness": (known.high - known.low) / 2,
    }
    if names == (SIGMA,):
        pull = (predicted - target) / stated[:, 0]
        columns |= {"pull_mean": pull, "pull_width": pull**2}
        columns["nll"] = 0.5 * pull**2 + np.log(stated[:, 0]) + 0.5 * math.log(2 * math.pi)
    else:
        error = target[:, np.newaxis] - np.column_stack([predicted, stated])
        share = np.array([MEDIAN, *shares(names)])
        columns["pinball"] = np.maximum(share * error, (share - 1) * error).mean(axis=1)
    values = np.stack(list(columns.values()))

    def of_weights(weight: Floats) -> dict[str, float]:
        if not add_up(weight):
            return dict.fromkeys(columns, np.nan)
        means = dict(zip(columns, (values * weight).sum(axis=1) / weight.sum(), strict=True))
        if "pull_width" in means:
            variance = means["pull_width"] - means["pull_mean"] ** 2
            means["pull_width"] = np.sqrt(variance) if variance >= 0 else np.nan
        return means

    return of_weights


def of_replicas(rows: Predictions) -> list[Callable[[Floats], Mapping[str, float]]]:
    """Return the measure of what each replica states."""
    if rows.stated is None:
        return [lambda _: {}] * len(rows.replicas)
    pairs = zip(rows.replicas, rows.stated.replicas, strict=True)
    return [scores(rows.target, predicted, rows.stated.names, stated) for predicted, stated in pairs]
