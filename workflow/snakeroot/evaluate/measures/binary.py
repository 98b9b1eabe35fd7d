"""Signal against background."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from snakeroot.evaluate import calibration, overtraining, performance, points, predictions, working_points
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.binary import METRICS
from snakeroot.evaluate.resampling import Floats, Measurement, interval, plain, summary
from snakeroot.evaluate.significance import asimov, best_cut
from snakeroot.evaluate.sources import Sources

STATISTICS: dict[str, Callable[[performance.Curve], Any]] = {
    "auc": performance.auc,
    "rejection_at_50": lambda curve: performance.rejection(curve, 0.5),
    "rejection_at_80": lambda curve: performance.rejection(curve, 0.8),
}
at_points, at_points_compared = points.of_model, points.comparisons
BETTER = {"auc": 1, "rejection_at_50": 1}
REPLICAS_ADD_UP = True

SEEDS = {"train": 0, "validation": 1, "test": 2}
"""Of the resampling of a split: splits are independent, models of a split are not."""


@dataclass(frozen=True)
class Judged:
    """The score of one replica in one split, and what the resamplings made of it.

    Attributes:
        drawn: sums in the cells, (2, k, r), for the events' weights and for unit weights.
    """

    ranking: Ranking
    cells: Cells
    drawn: list[Floats]


def read(path: Path, split: str, model: Measured, settings: Metrics, sources: Sources) -> Predictions:
    """Read a split, in which both classes are."""
    del settings, sources
    return predictions.read(path, split, model.name)


def of_task(files: Mapping[str, Path], settings: Metrics, sources: Sources) -> dict[str, Any]:
    """Return what the significance of all models is for."""
    del files, sources
    return {"background_uncertainty": settings.background_uncertainty}


def of_model(splits: Mapping[str, Predictions], settings: Metrics) -> Measurement:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted".

    Of several replicas each metric is the mean, with their standard deviation (over n - 1) as "<metric>_spread"; an
    interval is that of the mean. Of a single one, and so of an ensemble, there are also `expected`, the yields of all
    signal and background, `working_points`, `calibration` in bins of the score, and `overtraining`.

    Significance is for the full luminosity: each class's yield is its total over all splits of a fold. The cut is the
    best one of the validation split and is then applied to every split, so that the test split's value is not a best of
    many; so are the cuts of the working points. It has no unweighted counterpart, as entries are not yields. What is
    infinite or undefined, be it for one replica, is None.
    """
    folds = splits["train"].folds
    background, signal = (sum(split.total(target) for split in splits.values()) / folds for target in (0, 1))
    validation, alone = splits["validation"], len(splits["validation"].replicas) == 1
    rankings = [Ranking(validation.target, score) for score in validation.replicas]
    curves = [ranking.curve(validation.weight) for ranking in rankings]
    cuts = [best_cut(curve, signal, background, settings.background_uncertainty) for curve in curves]
    wanted = working_points.cuts(curves[0], settings.working_points) if alone else []
    del curves
    breaks = [cut for cut in [*cuts, *(point[2] for point in wanted)] if cut is not None]
    metrics: dict[str, Any] = {}
    beside: dict[str, Any] = {}
    drawn, ranked = {}, {}
    for name, split in sorted(splits.items(), key=lambda item: item[0] != "validation"):
        if name != "validation":
            rankings = [Ranking(split.target, score) for score in split.replicas]
        judged = [judge(split, name, *one, breaks, settings) for one in zip(rankings, split.replicas, strict=True)]
        weighted = separation(split, judged, split.weight)
        passing = [significance(split, *one, signal, background, settings) for one in zip(judged, cuts, strict=True)]
        metrics[name] = {
            **remarked(plain(weighted), split.weight, METRICS),
            **plain(yields(passing)),
            "unweighted": plain(separation(split, judged, None)),
        }
        drawn[name] = weighted.drawn
        if alone and name == "test":
            [one] = judged
            totals = (background, signal) if settings.yields else None
            points = working_points.measured(wanted, split, one.cells, one.drawn[0], totals)
            beside["working_points"] = [plain(point) for point in points]
            beside["calibration"] = [plain(part) for part in reliability(split, one)]
        if alone and name in ("train", "test"):
            ranked[name] = judged[0].ranking.order
        del judged, rankings  # or there would be too much of millions of events in memory
    if alone:
        train, test = (metrics[name]["auc"] for name in ("train", "test"))
        known = overtraining.areas(train, test, drawn["train"]["auc"] - drawn["test"]["auc"])
        beside["overtraining"] = overtraining.of_model(splits, ranked, known)
        beside["expected"] = {"signal": signal, "background": background}
    return Measurement(metrics | beside, drawn["test"])


def judge(
    split: Predictions, name: str, ranking: Ranking, score: Floats, breaks: Sequence[float], settings: Metrics
) -> Judged:
    """Return a score with what the resamplings make of it; no cell has a break inside."""
    cells = Cells(ranking, split.target, score, breaks)
    weights = [split.weight, np.ones_like(split.weight)]
    return Judged(
        ranking, cells, cells.resampled(split.event, weights, settings.bootstrap, [settings.seed, SEEDS[name]])
    )


def separation(split: Predictions, judged: Sequence[Judged], weight: Floats | None) -> Measurement:
    """Return the metrics of the replicas for these weights, or unit weights, with spreads and 68 % intervals.

    Where no background passes, the rejection is infinite, and the lower end of its interval is the limit that so many
    events of background allow. The calibration error is too large where there are few events, as scatter in a bin
    counts, and more so in a resampling: its interval is reflected at its value, and reaches to it at least.
    """
    of_each = [statistics(split, one, score, weight) for one, score in zip(judged, split.replicas, strict=True)]
    of_all = [resampled(one.cells, one.drawn[0 if weight is not None else 1]) for one in judged]
    drawn = {name: np.mean([one[name] for one in of_all], axis=0) for name in of_all[0]}
    metrics = summary(of_each)
    for name, values in drawn.items():
        low, high = interval(values)
        if name == "ece":
            low, high = max(0.0, 2 * metrics[name] - high), max(metrics[name], 2 * metrics[name] - low)
        if name in STATISTICS and all(np.isinf(values[name]) for values in of_each):
            background = np.ones(len(split.target)) if weight is None else weight
            low = np.fmin(low, performance.unseen(background[split.target == 0], split.copies))
        metrics |= {f"{name}_low": low, f"{name}_high": high}
    return Measurement(metrics, drawn)


def statistics(split: Predictions, judged: Judged, score: Floats, weight: Floats | None) -> dict[str, float]:
    """Return the metrics of one replica for these weights; None: unit weights."""
    curve = judged.ranking.entries() if weight is None else judged.ranking.curve(weight)
    ranked = {name: float(statistic(curve)) for name, statistic in STATISTICS.items()}
    del curve  # or there would be too much of millions of events in memory
    even = equal_classes(split.target, np.ones(len(split.target)) if weight is None else weight)
    return {
        **ranked,
        "accuracy": performance.accuracy(split.target, score, even),
        "loss": performance.log_loss(split.target, score, even),
        "brier": calibration.brier(split.target, score, even),
        "ece": float(calibration.reliability(split.target, score, even).ece()),
    }


def resampled(cells: Cells, drawn: Floats) -> dict[str, Floats]:
    """Return the same of each resampling, (r,), of sums (2, k, r) in cells; NaN where nothing of a class is left."""
    curve = cells.curve(drawn)
    background, signal = even = drawn / drawn.sum(axis=1, keepdims=True) / 2
    right = cells.lowest >= 0.5
    return {
        **{name: np.asarray(statistic(curve)) for name, statistic in STATISTICS.items()},
        "accuracy": signal[right].sum(axis=0) + background[~right].sum(axis=0),
        "loss": (even * cells.loss[:, :, np.newaxis]).sum(axis=(0, 1)),
        "brier": (even * cells.brier[:, :, np.newaxis]).sum(axis=(0, 1)),
        "ece": cells.reliability(drawn).ece(),
    }


def reliability(split: Predictions, judged: Judged) -> list[dict[str, Any]]:
    """Return of each bin of the score in which there is something: mean score, and share of signal with its interval.

    All for equal totals of the classes. Where a bin has one class alone, the interval ends at the limit at 68 % that so
    many events allow.
    """
    found = calibration.reliability(split.target, split.predicted, equal_classes(split.target, split.weight))
    drawn, place = judged.cells.reliability(judged.drawn[0]), calibration.bins(split.predicted)
    parts = []
    for number in np.flatnonzero(found.total > 0):
        share, (low, high) = float(found.share[number]), interval(drawn.share[number])
        entries = [int(np.sum(place[split.target == target] == number)) for target in (0, 1)]
        least = [0.5 / performance.unseen(split.weight[split.target == target], split.copies) for target in (0, 1)]
        total = float(found.total[number])
        low = low if entries[0] else total / (total + least[0])
        high = high if entries[1] else least[1] / (total + least[1])
        ends = {"low": number / calibration.BINS, "high": (number + 1) / calibration.BINS}
        mean = {"score": float(found.mean[number]), "signal": share, "signal_low": low, "signal_high": high}
        parts.append({**ends, **mean, "entries": sum(entries)})
    return parts


def significance(
    split: Predictions, judged: Judged, cut: float | None, signal: float, background: float, settings: Metrics
) -> dict[str, Any]:
    """Return the Asimov significance at `cut`, the cut, and the yields of signal and background that pass it.

    With the yields' statistical errors and, as `drawn`, the significance in each resampling. All are NaN without a cut.
    The significance is NaN where no background passes, as it would be infinite.
    """
    nothing = {"drawn": np.full(settings.bootstrap, np.nan), **dict.fromkeys(("significance_cut", *PASSING), np.nan)}
    if cut is None:
        return nothing
    cells, totals, relative = judged.cells, np.array([background, signal]), settings.background_uncertainty
    weighed, squares = (cells.sums(split.weight**power) for power in (1, 2))
    b, s = totals * cells.passing(cut, weighed) / weighed.sum(axis=1)
    errors = totals * np.sqrt(split.copies * cells.passing(cut, squares)) / weighed.sum(axis=1)
    drawn = totals[:, np.newaxis] * cells.passing(cut, judged.drawn[0]) / judged.drawn[0].sum(axis=1)
    values = asimov(s, b, relative * b), s, errors[1], b, errors[0]
    return {
        "drawn": asimov(drawn[1], drawn[0], relative * drawn[0]),
        "significance_cut": cut,
        **dict(zip(PASSING, map(float, values), strict=True)),
    }


PASSING = (
    "significance",
    "significance_signal",
    "significance_signal_error",
    "significance_background",
    "significance_background_error",
)


def yields(passing: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return significance and yields of the replicas, with the 68 % interval of the significance."""
    low, high = interval(np.mean([one["drawn"] for one in passing], axis=0))
    values = summary([{name: value for name, value in one.items() if name != "drawn"} for one in passing])
    return {
        **{name: value for name, value in values.items() if not name.endswith("_error_spread")},
        "significance_low": low,
        "significance_high": high,
    }
