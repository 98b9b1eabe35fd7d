"""Several classes: how often the likeliest is the right one, and how each stands out from the others.

All but the sums of the confusion matrix is for equal totals of the classes, so that it does not depend on
cross-sections; of the AUC that means that the others are an even mixture of their classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate import performance, predictions
from snakeroot.evaluate.class_cells import ClassCells
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.multiclass import METRICS
from snakeroot.evaluate.resampling import Floats, Measurement, plain, summary, with_intervals
from snakeroot.evaluate.sources import Sources

REPLICAS_ADD_UP = True
BETTER = {"auc_macro": 1, "loss": -1}


def read(path: Path, split: str, model: Measured, settings: Metrics, sources: Sources) -> Predictions:
    """Read a split, in which all classes are."""
    del sources
    return predictions.multiclass(path, split, model.name, settings.classes)


def of_task(files: Mapping[str, Path], settings: Metrics, sources: Sources) -> dict[str, Any]:
    """Return the classes, in the order of the rows and columns of a confusion matrix."""
    del files, sources
    return {"classes": settings.classes}


def of_model(splits: Mapping[str, Predictions], settings: Metrics) -> Measurement:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted".

    `auc` and its interval are mappings from class to number, `confusion` (shares, a row for each true class) and
    `confusion_sums` (yields) are lists of rows.
    """
    metrics, drawn = {}, dict[str, Mapping[str, Floats]]()
    for name, split in splits.items():
        measures = [Separation(split.target, scores) for scores in split.replicas]
        weights = [split.weight, np.ones_like(split.weight)]
        resampled = [one.cells.resampled(split.event, weights, settings.bootstrap, [settings.seed]) for one in measures]
        of_weights = []
        for weight, *of_each in zip(weights, *resampled, strict=True):
            pairs = zip(measures, split.replicas, strict=True)
            values = summary([{**one(weight), **decisions(split.target, scores, weight)} for one, scores in pairs])
            means = {key: np.mean([one[key] for one in of_each], axis=0) for key in of_each[0]}
            found = with_intervals(values, means)
            drawn.setdefault(name, found.drawn)
            of_weights.append(named(plain(found), settings.classes))
        metrics[name] = {**remarked(of_weights[0], split.weight, METRICS), "unweighted": of_weights[1]}
    return Measurement(metrics, drawn["test"])


def rankings(target: NDArray[np.integer], scores: Floats) -> list[performance.Ranking]:
    """Return the rows in falling order of the score of each class, against all others; scores are (n, classes)."""
    return [
        performance.Ranking((target == number).astype(np.int8), scores[:, number]) for number in range(scores.shape[1])
    ]


class Separation:
    """The measure of scores (n, classes) that is resampled: all of it for equal totals of the classes."""

    def __init__(self, target: NDArray[np.integer], scores: Floats) -> None:
        self.ranked = rankings(target, scores)
        self.right = scores.argmax(axis=1) == target
        self.surprise = -np.log(np.maximum(scores[np.arange(len(target)), target], performance.LEAST_LIKELY))

    @cached_property
    def cells(self) -> ClassCells:
        """The rows in cells of the scores."""
        return ClassCells(self.ranked, self.right, self.surprise)

    def __call__(self, weight: Floats) -> dict[str, Any]:
        """Return the AUC of each class against the others, (classes,), their mean, the accuracy of the likeliest class,
        and the cross-entropy in nats (scores end 1e-15 short of 0); NaN if a class weighs nothing.
        """
        balanced = equal_totals(self.ranked, weight)
        if balanced is None:
            return {
                "auc": np.full(len(self.ranked), np.nan),
                **dict.fromkeys(("auc_macro", "accuracy", "loss"), np.nan),
            }
        auc = np.array([performance.auc(ranking.curve(balanced)) for ranking in self.ranked])
        accuracy, loss = balanced[self.right].sum(), np.sum(balanced * self.surprise)
        return {"auc": auc, "auc_macro": auc.mean(), "accuracy": accuracy, "loss": loss}


def one_against_rest(ranked: Sequence[performance.Ranking], weight: Floats) -> list[performance.Curve]:
    """Return the ROC curve of each class, for equal totals of the classes; none if a class weighs nothing."""
    balanced = equal_totals(ranked, weight)
    return [] if balanced is None else [ranking.curve(balanced) for ranking in ranked]


def equal_totals(ranked: Sequence[performance.Ranking], weight: Floats) -> Floats | None:
    """Return weights for which each class has the same total, and all together one; None if one weighs nothing."""
    balanced = np.empty_like(weight)
    for ranking in ranked:
        own = weight[ranking.signal]
        if not add_up(own):
            return None
        balanced[ranking.signal] = own / own.sum() / len(ranked)
    return balanced


def decisions(target: NDArray[np.integer], scores: Floats, weight: Floats) -> dict[str, Any]:
    """Return the confusion matrix of the likeliest class, of scores (n, classes)."""
    classes, likeliest = scores.shape[1], scores.argmax(axis=1)
    places = target.astype(np.int64) * classes + likeliest
    sums = np.bincount(places, weight, classes**2).reshape(classes, classes)
    return {
        "confusion": sums / sums.sum(axis=1, keepdims=True),
        "confusion_sums": sums,
    }


def share_errors(split: Predictions) -> Floats:
    """Return the uncertainty of each share of the confusion matrix of the likeliest class, (classes, classes).

    That of a ratio of sums over independent events (W. Cochran, Sampling Techniques, 1977, 6.13): the root of the sum,
    over the events of a true class, of (Σ w (δ - share))², divided by the class's weight; δ is 1 of the rows taken
    for the other class, else 0. Rows of an event move together, as they do under resampling.
    """
    classes, likeliest = split.predicted.shape[1], split.predicted.argmax(axis=1)
    shares = decisions(split.target, split.predicted, split.weight)["confusion"]
    found = np.zeros((classes, classes))
    for true, taken in np.ndindex(classes, classes):
        own = split.target == true
        parts = split.weight[own] * ((likeliest[own] == taken) - shares[true, taken])
        found[true, taken] = np.sqrt(np.sum(np.bincount(split.event[own], parts) ** 2)) / split.weight[own].sum()
    return found


def named(metrics: Mapping[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Return the metrics with what is of each class by its name."""
    of_class = ("auc", "auc_spread", "auc_low", "auc_high")
    return {
        name: dict(zip(classes, value, strict=True)) if name in of_class else value for name, value in metrics.items()
    }
