"""The metrics of targets beside the main one: those of a task of their kind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snakeroot.evaluate import other_rows
from snakeroot.evaluate.measures import MEASURES
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.others import KEY
from snakeroot.networks.others import OtherKind

READ = {"regression": other_rows.regression, "binary": other_rows.binary}

OF_MAIN = ("significance", "expected")
"""How metrics begin that are of the yields of signal and background, which labels are not."""


def of_others(model: Measured, files: Mapping[str, Path], settings: Metrics) -> dict[str, Any]:
    """Return the metrics of a model's other targets by name and split, and those of the mean of its replicas."""
    found = {}
    for one in model.others:
        measures, alone = MEASURES.load(one.kind), of_kind(settings, one.kind)
        splits = {split: READ[one.kind](path, split, model.name, one.name) for split, path in files.items()}
        found[one.name] = without_yields(measures.of_model(splits, alone))
        if len(splits["test"].replicas) > 1:
            together = {name: split.ensemble() for name, split in splits.items()}
            ensemble = without_yields(measures.of_model(together, alone))
            beside = {name: value for name, value in ensemble.items() if name not in files}
            found[one.name] |= {**beside, "ensemble": {name: ensemble[name] for name in files}}
    return {KEY: found} if found else {}


def of_kind(settings: Metrics, kind: OtherKind) -> Metrics:
    """Return the settings by which a target of this kind is measured."""
    shared = ("task", "models", "bootstrap", "seed", "working_points")
    return Metrics(kind=kind, **{name: getattr(settings, name) for name in shared})


def without_yields(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is measured without what is of yields, of each split as well."""
    return {
        name: without_yields(value) if isinstance(value, Mapping) else value
        for name, value in metrics.items()
        if not name.startswith(OF_MAIN)
    }
