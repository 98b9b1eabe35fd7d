"""Signal against background."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate import performance, predictions
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.binary import METRICS
from snakeroot.evaluate.resampling import Floats, measured, plain, resamplings, summary
from snakeroot.evaluate.sources import Sources

STATISTICS: dict[str, Callable[[performance.Curve], float]] = {
    "auc": performance.auc,
    "rejection_at_50": lambda curve: performance.rejection(curve, 0.5),
    "rejection_at_80": lambda curve: performance.rejection(curve, 0.8),
}


REPLICAS_ADD_UP = True


def read(path: Path, split: str, model: Measured, settings: Metrics, sources: Sources) -> Predictions:
    """Read a split, in which both classes are."""
    del settings, sources
    return predictions.read(path, split, model.name)


def of_task(files: Mapping[str, Path], settings: Metrics, sources: Sources) -> dict[str, Any]:
    """Return nothing: all that there is, is of a model."""
    del files, settings, sources
    return {}


def of_model(splits: Mapping[str, Predictions], settings: Metrics) -> dict[str, Any]:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted".

    Of several replicas each metric is the mean, with their standard deviation (over n - 1) as "<metric>_spread"; an
    interval is that of the mean.

    Significance is for the full luminosity: each class's yield is its total over all splits of a fold. The cut is the
    best one of the validation split and is then applied to every split, so that the test split's value is not a best of
    many. It has no unweighted counterpart, as entries are not yields. What is infinite or undefined, be it for one
    replica, is None.
    """
    folds = splits["train"].folds
    signal, background = (sum(split.total(target) for split in splits.values()) / folds for target in (1, 0))
    rankings = {
        name: [performance.Ranking(split.target, score) for score in split.replicas] for name, split in splits.items()
    }
    weight = splits["validation"].weight
    cuts = [performance.best_cut(ranking.curve(weight), signal, background) for ranking in rankings["validation"]]
    metrics = {}
    for name, split in splits.items():
        curves = [ranking.curve(split.weight) for ranking in rankings[name]]
        passing = [significance(curve, cut, signal, background) for curve, cut in zip(curves, cuts, strict=True)]
        metrics[name] = {
            **remarked(plain(separation(split, rankings[name], split.weight, settings)), split.weight, METRICS),
            **plain(summary(passing)),
            "unweighted": plain(separation(split, rankings[name], np.ones_like(split.weight), settings)),
        }
    return metrics


def separation(
    split: Predictions, rankings: list[performance.Ranking], weight: Floats, settings: Metrics
) -> dict[str, Any]:
    """Return AUC, rejections with their 68 % intervals, accuracy and loss of the replicas for these weights.

    Where no background passes, the rejection is infinite, and the lower end of its interval is the limit that so many
    events of background allow.
    """

    def right(score: Floats, weight: Floats) -> dict[str, float]:
        return {
            "accuracy": performance.accuracy(split.target, score, weight),
            "loss": performance.log_loss(split.target, score, weight),
        }

    ranked = [partial(statistics, ranking) for ranking in rankings]
    factors = resamplings(split.event, settings.bootstrap, settings.seed)
    metrics = measured(ranked, [partial(right, score) for score in split.replicas], weight, factors)
    of_each = [one(weight) for one in ranked]
    for name in STATISTICS:
        if all(math.isinf(values[name]) for values in of_each):
            limit = performance.unseen(split.target, weight, split.copies)
            metrics[f"{name}_low"] = np.fmin(metrics[f"{name}_low"], limit)
    return metrics


def statistics(ranking: performance.Ranking, weight: Floats) -> dict[str, float]:
    """Return what is resampled, of the curve for these weights; NaN if they leave nothing of a class."""
    curve = ranking.curve(weight)
    defined = add_up(weight[ranking.signal]) and add_up(weight[~ranking.signal])
    return {name: statistic(curve) if defined else math.nan for name, statistic in STATISTICS.items()}


def significance(curve: performance.Curve, cut: float | None, signal: float, background: float) -> dict[str, float]:
    """Return the Asimov significance at `cut`, the cut, and the yields of signal and background that pass it.

    All are NaN without a cut. The significance is NaN where no background passes, as it would be infinite.
    """
    names = ("significance", "significance_cut", "significance_signal", "significance_background")
    if cut is None:
        return dict.fromkeys(names, math.nan)
    point = performance.at_cut(curve, cut)
    passing = signal * curve.signal_efficiency[[point]], background * curve.background_efficiency[[point]]
    values = (performance.asimov(*passing).item(), cut, passing[0].item(), passing[1].item())
    return dict(zip(names, values, strict=True))
