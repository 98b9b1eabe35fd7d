"""Metrics of replicas, and their intervals from resampling the events: the same for tasks of all kinds.

A measure maps weights (n,) of the rows to metrics by name, each a number or an array.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot.data.files import finite
from snakeroot.settings import ID

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Measure = Callable[[Floats], Mapping[str, Any]]


class Measurement(dict[str, Any]):
    """What was measured, by name; of a model, by split.

    Attributes:
        drawn: what each resampling gave of a metric, (r,); of a model, on its test split.
    """

    def __init__(self, measured: Mapping[str, Any], drawn: Mapping[str, Floats]) -> None:
        super().__init__(measured)
        self.drawn = drawn


def together(columns: Sequence[str]) -> list[str]:
    """Return those columns of predictions that say which rows move together: of the same event, or group of events."""
    return ["group"] if "group" in columns else [name for name in columns if name.startswith(ID)]


def events(identity: pd.DataFrame) -> Integers:
    """Return for each row the number of its event, (n,): rows that agree in all columns are of one event."""
    number = None
    for column in identity:
        codes, values = pd.factorize(identity[column], use_na_sentinel=False)
        number = codes if number is None else pd.factorize(number * max(len(values), 1) + codes)[0]
    return np.zeros(len(identity), dtype=np.int64) if number is None else number.astype(np.int64, copy=False)


def resamplings(event: Integers, count: int, seed: int) -> Iterator[Floats]:
    """Yield `count` times a factor for each row, Poisson distributed with mean 1: a bootstrap by event.

    All rows of an event get the same factor, since they are not independent.
    """
    random = np.random.default_rng(seed)
    size = int(event.max()) + 1 if len(event) else 0
    for _ in range(count):
        yield random.poisson(1.0, size)[event].astype(np.float64)


def interval(replicas: Floats) -> tuple[float, float]:
    """Return the central 68 % interval of bootstrap replicas, (k,); each end is one of them, so it may be infinite.

    Replicas that are undefined (NaN: no event of a class was drawn) are left out; NaN if all are.
    """
    defined = replicas[~np.isnan(replicas)]
    if not len(defined):
        return math.nan, math.nan
    low, high = np.quantile(defined, [0.16, 0.84], method="inverted_cdf")
    return float(low), float(high)


def bootstrap(measures: Sequence[Measure], weight: Floats, factors: Iterator[Floats]) -> dict[str, tuple[Any, Any]]:
    """Return the 68 % interval of each metric under resampling of the events; of an array, of each of its elements.

    Of several measures of the same events the metric is the mean, each resampling being the same for all of them.
    """
    return {name: _ends(values) for name, values in draws(measures, weight, factors).items()}


def draws(measures: Sequence[Measure], weight: Floats, factors: Iterator[Floats]) -> dict[str, Floats]:
    """Return what each resampling gives of each metric, (r,) or (r, …); see `bootstrap`."""
    drawn: dict[str, list[Any]] = {}
    for factor in factors:
        metrics = [measure(weight * factor) for measure in measures]
        for name in metrics[0]:
            drawn.setdefault(name, []).append(np.mean([one[name] for one in metrics], axis=0))
    return {name: np.array(values) for name, values in drawn.items()}


def _ends(drawn: Floats) -> tuple[Any, Any]:
    if drawn.ndim == 1:
        return interval(drawn)
    low, high = np.array([interval(column) for column in drawn.T]).T
    return low, high


def summary(replicas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean over the replicas of each metric and, of several replicas, its standard deviation (over n - 1).

    One value that is infinite or undefined makes both so.
    """
    values: dict[str, Any] = {}
    for name in replicas[0]:
        of_replicas = [one[name] for one in replicas]
        mean = np.mean(of_replicas, axis=0)
        values[name] = mean
        if len(of_replicas) > 1:
            with np.errstate(invalid="ignore"):  # inf - inf
                values[f"{name}_spread"] = np.where(np.isfinite(mean), np.std(of_replicas, axis=0, ddof=1), np.nan)
    return values


def measured(
    resampled: Sequence[Measure], others: Sequence[Measure], weight: Floats, factors: Iterator[Floats]
) -> Measurement:
    """Return mean, spread and, of those that are resampled, the 68 % interval of each metric.

    Args:
        resampled, others: the measures of each replica.
    """
    pairs = zip(resampled, others, strict=True)
    metrics = summary([{**one(weight), **other(weight)} for one, other in pairs])
    return with_intervals(metrics, draws(resampled, weight, factors))


def with_intervals(metrics: dict[str, Any], drawn: Mapping[str, Floats]) -> Measurement:
    """Return metrics with the 68 % interval of each that is resampled: what was drawn of it, (r,) or (r, …)."""
    for name, values in drawn.items():
        metrics |= dict(zip((f"{name}_low", f"{name}_high"), _ends(values), strict=True))
    return Measurement(metrics, drawn)


def plain(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers and lists for JSON, which has no name for what is infinite or undefined: null."""
    return {name: finite(np.asarray(value).tolist()) for name, value in metrics.items()}
