"""Gradient-boosted decision trees: scikit-learn's histogram boosting, kept as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import maximised
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from snakeroot.networks.fitting import Fit, Problem, Training

TAKES = ("scalar",)
LEARNS = ("binary", "multiclass", "regression")
MISSING = "passed"
USES = ("max_epochs", "patience", "monitor", "class_balance", "priors", "loss", "variations", "threads")

LOSSES = {"squared_error": "squared_error", "absolute_error": "absolute_error"}
"""Losses of a regression that scikit-learn's trees have."""


class Architecture(Settings):
    """Settings of the trees; `training.max_epochs` is the most trees of an output."""

    learning_rate: float = Field(0.1, gt=0, description="share of each tree that is added")
    max_leaf_nodes: int = Field(31, ge=2, le=4096, description="leaves of a tree, at most")
    min_samples_leaf: int = Field(20, ge=1, description="rows of a leaf, at least")
    l2_regularization: float = Field(0.0, ge=0, description="shrinking of the leaves' values")
    max_features: float = Field(1.0, gt=0, le=1, description="share of the features that each split may choose from")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, inputs) to (n, `outputs`), without a tree."""
    from snakeroot.networks.layers.boosted_trees import BoostedTrees

    del settings
    return BoostedTrees(outputs, missing=any(one.missing for one in inputs))


def fit(settings: Architecture, training: Training, problem: Problem) -> Fit:
    """Add trees until validation has had no smaller loss for `patience` trees, and keep those up to the best.

    Raises:
        SnakerootError: for a loss of a regression that the trees do not have, too few rows for a tree of two leaves, or
            a monitored value that is never a number.
    """
    from sklearn import ensemble

    from snakeroot.networks.fitting import Fit, refuse_few
    from snakeroot.networks.objectives import unmonitored

    known: dict[str, Any] = {
        **settings.model_dump(),
        "max_iter": training.max_epochs,
        "n_iter_no_change": training.patience,
        "early_stopping": True,
        "tol": 0.0,
        "random_state": problem.seed,
    }
    classes = problem.objective.metrics[1] == "accuracy"
    if not classes and training.loss not in LOSSES:
        raise SnakerootError(f"training.loss: a gbdt has {' and '.join(LOSSES)}, not {training.loss}")
    model: Any = (
        ensemble.HistGradientBoostingClassifier(**known)
        if classes
        else ensemble.HistGradientBoostingRegressor(loss=LOSSES[training.loss], **known)
    )
    train, validation = ([column.numpy() for column in data] for data in (problem.train, problem.validation))
    refuse_few(len(train[1]), 2 * settings.min_samples_leaf, f"min_samples_leaf: {settings.min_samples_leaf}")
    model.fit(
        train[0],
        train[1],
        train[2],
        X_val=validation[0],
        y_val=validation[1],
        sample_weight_val=validation[2],
    )
    layers = tensors(model, problem)
    history = list(stages(layers, problem))
    monitor = problem.objective.metrics.index(training.monitor)
    values = np.array([validation[monitor] for _, validation in history])
    if not np.isfinite(values).any():
        raise SnakerootError(unmonitored(training.monitor, len(values)))
    better = np.where(np.isfinite(values), values * (1 if maximised(training.monitor) else -1), -np.inf)
    best = int(np.argmax(better)) + 1
    layers = tensors(model, problem, best)
    return Fit(layers, history, best, "max_epochs" if len(history) == training.max_epochs else "patience")


def tensors(model: Any, problem: Problem, steps: int | None = None) -> Any:
    """Return the trees of a fitted model, or the first of them, as a module."""
    import torch

    from snakeroot.networks.layers.boosted_trees import BoostedTrees

    trees: list[list[dict[str, Any]]] = []
    depth = 0
    for step in model._predictors[:steps]:
        trees.append([])
        for nodes in (predictor.nodes for predictor in step):
            leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
            columns = {
                "feature": np.where(leaf, 0, nodes["feature_idx"]),
                "threshold": np.where(leaf, 0.0, nodes["num_threshold"]),
                "left": np.where(leaf, own, nodes["left"]),
                "right": np.where(leaf, own, nodes["right"]),
                "value": nodes["value"],
                "missing_left": nodes["missing_go_to_left"].astype(bool),
            }
            trees[-1].append({name: torch.from_numpy(values.copy()) for name, values in columns.items()})
            depth = max(depth, int(nodes["depth"].max()))
    layers = BoostedTrees(problem.objective.outputs, missing=any(one.missing for one in problem.inputs))
    layers.fill(torch.from_numpy(model._baseline_prediction.reshape(-1).copy()), trees, depth)
    return layers


def stages(layers: Any, problem: Problem) -> Iterator[tuple[list[float], list[float]]]:
    """Yield the metrics of both splits after each tree."""
    splits = problem.train, problem.validation
    sums = [layers.baseline.expand(len(data.target), -1).clone() for data in splits]
    for step in range(layers.steps):
        metrics = []
        for number, data in enumerate(splits):
            sums[number] += layers.of_steps(data.features, slice(step, step + 1))[:, 0]
            metrics.append(problem.objective.measure(sums[number], data.target, data.weight).tolist())
        train, validation = metrics
        yield train, validation
