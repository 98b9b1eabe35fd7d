"""`python -m snakeroot.evaluate.metrics`: all models of a task side by side, in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np

from snakeroot.data.files import read_json, write_json
from snakeroot.evaluate.comparisons import comparisons
from snakeroot.evaluate.measures import MEASURES
from snakeroot.evaluate.metrics_settings import Metrics
from snakeroot.evaluate.other_metrics import of_others
from snakeroot.evaluate.others import KEY
from snakeroot.evaluate.sources import Sources
from snakeroot.jobs.command import main

SPLITS = ("train", "validation", "test")


def make(
    settings: Metrics,
    predictions: Annotated[list[Path], "predictions of the models, train, validation and test of each (Parquet)"],
    metadata: Annotated[list[Path], "what is known of each network, model by model (model.json)"],
    features: Annotated[list[Path], "features of all samples and parts (Parquet), if more than predictions is needed"],
    scalings: Annotated[list[Path], "scaling of each fold (JSON), if features are given"],
    metrics: Annotated[Path, "metrics of all models, to be written (JSON)"],
) -> None:
    """Measure how good each model is on each split."""
    measures, sources = MEASURES.load(settings.kind), Sources(features, scalings)
    models: dict[str, Any] = {}
    shown, at_points, known = {}, {}, iter(metadata)
    for number, model in enumerate(settings.models):
        files = dict(zip(SPLITS, predictions[len(SPLITS) * number :], strict=False))
        splits = {split: measures.read(path, split, model, settings, sources) for split, path in files.items()}
        networks = [read_json(next(known)) for _ in range(model.networks)]
        shown[model.name] = measures.of_model(splits, settings)
        models[model.name] = size(networks) | shown[model.name]
        if measures.REPLICAS_ADD_UP and len(splits["test"].replicas) > 1:
            ensemble = {name: split.ensemble() for name, split in splits.items()}
            shown[model.name] = measures.of_model(ensemble, settings)
            of_splits = {name: shown[model.name][name] for name in SPLITS}
            beside = {name: value for name, value in shown[model.name].items() if name not in SPLITS}
            models[model.name] |= {**beside, "ensemble": of_splits}
        if settings.points:
            at_points[model.name] = measures.at_points(files["test"], model, settings)
            models[model.name]["points"] = at_points[model.name]
        models[model.name] |= of_others(model, files, settings)
    of_first = dict(zip(SPLITS, predictions, strict=False))
    found: dict[str, Any] = {"task": settings.task, "kind": settings.kind, "models": models}
    found |= measures.of_task(of_first, settings, sources)
    if kinds := {one.name: one.kind for model in settings.models for one in model.others}:
        found[KEY] = kinds
    if len(models) > 1 and measures.BETTER:
        found["comparisons"] = comparisons(shown, measures.BETTER)
    if at_points:
        found["points"] = measures.at_points_compared(at_points)
    write_json(found, metrics)


def size(networks: list[dict[str, Any]]) -> dict[str, float]:
    """Return how many networks a model has, and how large and how long trained they are: of several, the means."""
    values = {key: [network[key] for network in networks] for key in ("parameters", "epochs", "best_epoch")}
    means = {key: of_all[0] if len(networks) == 1 else float(np.mean(of_all)) for key, of_all in values.items()}
    return {"networks": len(networks), **means}


if __name__ == "__main__":
    main(make)
