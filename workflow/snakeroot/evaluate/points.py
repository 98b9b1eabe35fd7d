"""Models at the points of a parameterised task: signal of each point against background, at this point's parameters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from snakeroot.data import points, tables
from snakeroot.data.cancellation import add_up
from snakeroot.evaluate import performance
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.comparisons import compared
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.predictions import Predictions, of_columns
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.binary import METRICS
from snakeroot.evaluate.resampling import Measurement, plain, summary, with_intervals
from snakeroot.networks.rows import numbers

SCORE = "score"
SEED = 2
"""Of the resampling: that of the test split, so that points and models are resampled alike."""

STATISTICS: dict[str, Callable[[performance.Curve], Any]] = {
    "auc": performance.auc,
    "rejection_at_50": lambda curve: performance.rejection(curve, 0.5),
    "rejection_at_80": lambda curve: performance.rejection(curve, 0.8),
}


def of_model(path: Path, model: Measured, settings: Metrics) -> list[Measurement]:
    """Return how well a model separates the signal of each point from all background, in the order of the points.

    Each has `at`, the values of the parameters, `told`, whether the model is told them, `trained`, whether it has
    learned from this point, `entries` of signal, and the metrics as of a split: of several replicas their mean, spread,
    and those of the `ensemble`. `drawn` is of what is shown. Without signal at a point, or where weights cancel, there
    are no metrics.

    Args:
        path: predictions of the test split.
    """
    known = tables.read(path, settings.parameters)
    place = points.places([numbers(known[name]) for name in settings.parameters], settings.points)
    found = []
    for number, point in enumerate(settings.points):
        column = points.at(SCORE, settings.parameters, point) if model.told else SCORE
        rows = of_columns(path, [column])
        rows = _some(rows, (rows.target == 0) | ((rows.target == 1) & (place == number)))
        about = {
            "at": dict(zip(settings.parameters, point, strict=True)),
            "told": model.told,
            "trained": point in model.trained_at,
            "entries": int((rows.target == 1).sum()),
        }
        found.append(_at_point(about, rows, settings))
    return found


def _some(rows: Predictions, chosen: Any) -> Predictions:
    return replace(
        rows,
        target=rows.target[chosen],
        predicted=rows.predicted[chosen],
        weight=rows.weight[chosen],
        event=rows.event[chosen],
        replicas=[one[chosen] for one in rows.replicas],
    )


def _at_point(about: dict[str, Any], rows: Predictions, settings: Metrics) -> Measurement:
    if not all(add_up(rows.weight[rows.target == target]) for target in (0, 1)):
        return Measurement(about, {})
    every = separation(rows, settings)
    measured = about | remarked(plain(every), rows.weight, METRICS)
    if len(rows.replicas) == 1:
        return Measurement(measured, every.drawn)
    ensemble = separation(rows.ensemble(), settings)
    measured["replicas"] = len(rows.replicas)
    return Measurement(measured | {"ensemble": remarked(plain(ensemble), rows.weight, METRICS)}, ensemble.drawn)


def separation(rows: Predictions, settings: Metrics) -> Measurement:
    """Return the metrics of rows, with 68 % intervals from resampling the events."""
    of_each, drawn = [], []
    for score in rows.replicas:
        ranking = Ranking(rows.target, score)
        curve = ranking.curve(rows.weight)
        of_each.append({name: float(statistic(curve)) for name, statistic in STATISTICS.items()})
        cells = Cells(ranking, rows.target, score)
        [sums] = cells.resampled(rows.event, [rows.weight], settings.bootstrap, [settings.seed, SEED])
        resampled = cells.curve(sums)
        drawn.append({name: np.asarray(statistic(resampled)) for name, statistic in STATISTICS.items()})
    means = {name: np.mean([one[name] for one in drawn], axis=0) for name in STATISTICS}
    return with_intervals(summary(of_each), means)


def comparisons(of_models: Mapping[str, Sequence[Measurement]]) -> list[dict[str, Any]]:
    """Return for each point how much larger the AUC of each model is than that of each before it, as shown."""
    return [
        {"at": one["at"], "model": name, "reference": reference, "metric": "auc", **_difference(one, other)}
        for reference, name in itertools.combinations(of_models, 2)
        for one, other in zip(of_models[name], of_models[reference], strict=True)
        if one.drawn and other.drawn
    ]


def _difference(one: Measurement, other: Measurement) -> dict[str, Any]:
    first, second = (shown(measured)["auc"] for measured in (one, other))
    return compared(first - second, one.drawn["auc"], other.drawn["auc"], 1)


def shown(measured: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return, of what was measured at a point, the metrics that are shown: of the ensemble, if there are replicas."""
    found: Mapping[str, Any] = measured.get("ensemble", measured)
    return found
