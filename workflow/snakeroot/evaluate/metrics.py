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
    facts: Annotated[list[Path], "what is known of each model (model.json)"],
    metrics: Annotated[Path, "metrics of all models, to be written (JSON)"],
) -> None:
    """Measure how well each model separates signal from background on each split."""
    models = {}
    for number, (model, path) in enumerate(zip(settings.models, facts, strict=True)):
        files = predictions[number * len(SPLITS) : (number + 1) * len(SPLITS)]
        known = read_json(path)
        models[model] = {
            **{key: known[key] for key in ("parameters", "epochs", "best_epoch")},
            **of_model(_read(files, model), settings.bootstrap, settings.seed),
        }
    write_json({"task": settings.task, "kind": "binary", "models": models}, metrics)


def _read(files: list[Path], model: str) -> dict[str, Predictions]:
    return {split: read(path, split, model) for split, path in zip(SPLITS, files, strict=True)}


def of_model(splits: dict[str, Predictions], count: int, seed: int) -> dict[str, Any]:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted".

    Significance is for the full luminosity: each class's yield is its total over all splits. The cut is the best one
    of the validation split and is then applied to every split, so that the test split's value is not a best of many.
    It has no unweighted counterpart, as entries are not yields. What is infinite or undefined is None.
    """
    signal, background = (sum(split.total(target) for split in splits.values()) for target in (1, 0))
    rankings = {name: performance.Ranking(split.target, split.score) for name, split in splits.items()}
    curves = {name: rankings[name].curve(split.weight) for name, split in splits.items()}
    cut = performance.best_cut(curves["validation"], signal, background)
    found = {}
    for name, split in splits.items():
        ones = np.ones_like(split.weight)
        found[name] = {
            **separation(split, rankings[name], split.weight, count, seed),
            **significance(curves[name], cut, signal, background),
            "unweighted": separation(split, rankings[name], ones, count, seed),
        }
    return found


def separation(
    split: Predictions, ranking: performance.Ranking, weight: performance.Floats, count: int, seed: int
) -> dict[str, float | None]:
    """Return AUC, rejections with their 68 % intervals, accuracy and loss for these weights."""
    curve = ranking.curve(weight)
    factors = performance.resamplings(split.event, count, seed)
    found = {
        "accuracy": performance.accuracy(split.target, split.score, weight),
        "loss": performance.log_loss(split.target, split.score, weight),
    }
    for name, (low, high) in performance.bootstrap(ranking, weight, factors, STATISTICS).items():
        found |= {name: STATISTICS[name](curve), f"{name}_low": low, f"{name}_high": high}
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


def significance(
    curve: performance.Curve, cut: float | None, signal: float, background: float
) -> dict[str, float | None]:
    """Return the Asimov significance at `cut`, the cut, and the yields of signal and background that pass it.

    The significance is None where no background passes, as it would be infinite.
    """
    names = ("significance", "significance_cut", "significance_signal", "significance_background")
    if cut is None:
        return dict.fromkeys(names)
    point = performance.at_cut(curve, cut)
    passing = signal * curve.signal_efficiency[[point]], background * curve.background_efficiency[[point]]
    values = (performance.asimov(*passing).item(), cut, passing[0].item(), passing[1].item())
    return {name: None if math.isnan(value) else value for name, value in zip(names, values, strict=True)}


if __name__ == "__main__":
    main(make)
