"""`python -m snakeroot.evaluate.metrics`: all models of a task side by side, in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from snakeroot.command import main
from snakeroot.evaluate import performance
from snakeroot.evaluate.predictions import Predictions, read
from snakeroot.evaluate.settings import Metrics
from snakeroot.files import read_json, write_json

SPLITS = ("train", "validation", "test")
STATISTICS: dict[str, Callable[[performance.Curve], float]] = {
    "auc": performance.auc,
    "rejection_at_50": lambda curve: performance.rejection(curve, 0.5),
    "rejection_at_80": lambda curve: performance.rejection(curve, 0.8),
}


def make(
    settings: Metrics,
    predictions: Annotated[list[Path], "predictions of the models, train, validation and test of each (Parquet)"],
    facts: Annotated[list[Path], "what is known of each network, model by model (model.json)"],
    metrics: Annotated[Path, "metrics of all models, to be written (JSON)"],
) -> None:
    """Measure how well each model separates signal from background on each split."""
    models = {}
    files, known = iter(predictions), iter(facts)
    for model in settings.models:
        splits = {split: read(next(files), split, model.name) for split in SPLITS}
        networks = [read_json(next(known)) for _ in range(model.networks)]
        models[model.name] = size(networks) | of_model(splits, settings.bootstrap, settings.seed)
        if len(splits["test"].replicas) > 1:
            ensemble = {name: split.ensemble() for name, split in splits.items()}
            models[model.name]["ensemble"] = of_model(ensemble, settings.bootstrap, settings.seed)
    write_json({"task": settings.task, "kind": "binary", "models": models}, metrics)


def size(networks: list[dict[str, Any]]) -> dict[str, float]:
    """Return how many networks a model has, and how large and how long trained they are: of several, the means."""
    values = {key: [network[key] for network in networks] for key in ("parameters", "epochs", "best_epoch")}
    means = {key: of_all[0] if len(networks) == 1 else float(np.mean(of_all)) for key, of_all in values.items()}
    return {"networks": len(networks), **means}


def of_model(splits: dict[str, Predictions], count: int, seed: int) -> dict[str, Any]:
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
    found = {}
    for name, split in splits.items():
        curves = [ranking.curve(split.weight) for ranking in rankings[name]]
        passing = [significance(curve, cut, signal, background) for curve, cut in zip(curves, cuts, strict=True)]
        found[name] = {
            **defined(separation(split, rankings[name], split.weight, count, seed)),
            **defined(summary({key: [replica[key] for replica in passing] for key in passing[0]})),
            "unweighted": defined(separation(split, rankings[name], np.ones_like(split.weight), count, seed)),
        }
    return found


def separation(
    split: Predictions, rankings: list[performance.Ranking], weight: performance.Floats, count: int, seed: int
) -> dict[str, float]:
    """Return AUC, rejections with their 68 % intervals, accuracy and loss of the replicas for these weights."""
    curves = [ranking.curve(weight) for ranking in rankings]
    values = {
        "accuracy": [performance.accuracy(split.target, score, weight) for score in split.replicas],
        "loss": [performance.log_loss(split.target, score, weight) for score in split.replicas],
        **{name: [statistic(curve) for curve in curves] for name, statistic in STATISTICS.items()},
    }
    found = summary(values)
    factors = performance.resamplings(split.event, count, seed)
    for name, (low, high) in performance.bootstrap(rankings, weight, factors, STATISTICS).items():
        found |= {f"{name}_low": low, f"{name}_high": high}
    return found


def summary(values: dict[str, list[float]]) -> dict[str, float]:
    """Return the mean over the replicas of each metric and, of several replicas, its standard deviation (over n - 1).

    One value that is infinite or undefined makes both so.
    """
    found = {}
    for name, of_replicas in values.items():
        found[name] = float(np.mean(of_replicas))
        if len(of_replicas) > 1:
            found[f"{name}_spread"] = float(np.std(of_replicas, ddof=1)) if math.isfinite(found[name]) else math.nan
    return found


def defined(found: dict[str, float]) -> dict[str, float | None]:
    """Return None for what is infinite or undefined, as JSON has no name for it."""
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


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


if __name__ == "__main__":
    main(make)
