"""A number: how far predictions are from it.

A residual is prediction - target, in the target's unit, or relative: that divided by the target.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up, positive
from snakeroot.evaluate import predictions, uncertainty
from snakeroot.evaluate.join import column
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.regression import METRICS
from snakeroot.evaluate.resampling import Floats, Measure, Measurement, measured, plain, resamplings
from snakeroot.evaluate.residuals import Order, residuals
from snakeroot.evaluate.sources import Sources

REPLICAS_ADD_UP = True
BETTER = {"rmse": -1, "resolution": -1}


def read(path: Path, split: str, model: Measured, settings: Metrics, sources: Sources) -> Predictions:
    """Read a split."""
    del settings, sources
    return predictions.regression(path, split, model.name)


def of_task(files: Mapping[str, Path], settings: Metrics, sources: Sources) -> dict[str, Any]:
    """Return what a residual is and, if there is a reference, its metrics, as if a model had predicted it."""
    metrics: dict[str, Any] = {"residual": settings.residual}
    if settings.reference:
        splits = {split: predictions.regression(path, split, "any") for split, path in files.items()}
        values = {split: column(path, sources.features, settings.reference) for split, path in files.items()}
        as_model = {split: replace(rows, replicas=[values[split]], stated=None) for split, rows in splits.items()}
        metrics["reference"] = {"column": settings.reference, **of_model(as_model, settings)}
    return metrics


def of_model(splits: Mapping[str, Predictions], settings: Metrics) -> Measurement:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted"."""
    metrics, drawn = {}, dict[str, Mapping[str, Floats]]()
    for name, split in splits.items():
        errors_of = [errors(split.target, predicted, settings.residual) for predicted in split.replicas]
        measures = [both(*pair) for pair in zip(errors_of, uncertainty.of_replicas(split), strict=True)]
        of_weights = []
        for weight in (split.weight, np.ones_like(split.weight)):
            factors = resamplings(split.event, settings.bootstrap, settings.seed)
            found = measured(measures, [nothing] * len(measures), weight, factors)
            drawn.setdefault(name, found.drawn)
            of_weights.append(plain(found) | uncertainty.nominal(split))
        metrics[name] = {**remarked(of_weights[0], split.weight, METRICS), "unweighted": of_weights[1]}
    return Measurement(metrics, drawn["test"])


def both(one: Measure, other: Measure) -> Measure:
    """Return the measure of what both measure."""
    return lambda weight: {**one(weight), **other(weight)}


def nothing(weight: Floats) -> dict[str, Any]:
    """Return no metric: all of them are resampled."""
    del weight
    return {}


def errors(target: NDArray[Any], predicted: Floats, residual: str) -> Callable[[Floats], dict[str, float]]:
    """Return the measure of predictions (n,) of targets (n,).

    Root mean squared and mean absolute error are in the target's unit; r² = 1 - squared error / squared deviation from
    the mean of the targets; bias is the mean of the residuals, resolution half of their central 68 % interval, which
    for a normal distribution is its standard deviation. They are written out here, and not scikit-learn's, whose
    checks of its arguments take several times as long as the sums, as all are resampled.
    """
    shift, deviation = predicted - target, target - target.mean()  # of the mean: or large targets would cancel
    difference = residuals(target, predicted, residual)
    columns = np.stack([shift**2, np.abs(shift), deviation**2, deviation, difference])
    return partial(of_weights, columns, Order(difference))


def of_weights(columns: Floats, order: Order, weight: Floats) -> dict[str, float]:
    """Return the metrics for these weights, all NaN if they add up to nothing.

    NaN are the root of a mean square that weights of both signs make negative, and r² of targets that do not differ.
    """
    names = ("rmse", "mae", "r2", "bias", "resolution")
    total = weight.sum()
    if not add_up(weight):
        return dict.fromkeys(names, np.nan)
    # not `@`: a matrix product's last bits depend on the number of threads
    square, absolute, deviation, shift, bias = (columns * weight).sum(axis=1) / total
    spread = deviation - shift**2
    low, high = order.quantiles(weight, (0.16, 0.84))
    rmse = np.sqrt(square) if square >= 0 else np.nan
    r2 = 1 - square / spread if positive(spread, (columns[2] * np.abs(weight)).sum() / total) else np.nan
    return dict(zip(names, (rmse, absolute, r2, bias, (high - low) / 2), strict=True))
