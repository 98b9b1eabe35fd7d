"""What each format writes: runs, with settings, figures, and numbers after each epoch and at the end."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from snakeroot.data.files import finite
from snakeroot.train.point import Scalar, applied

State = Literal["complete", "pruned", "fail"]
Curve = Sequence[float | None]
"""A number after each epoch, from the first on; None where it was none."""

TOP = ("architecture", "kind", "seed")
"""Of what `model.json` says, what is a setting of the training; those below `settings` and `training` come beside."""


@dataclass(frozen=True)
class Times:
    """When something ran (UTC)."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, times: Iterable[Times]) -> Times:
        """Return the time from the first start to the last end."""
        known = list(times)
        return cls(min(one.start for one in known), max(one.end for one in known))


@dataclass(frozen=True)
class Run:
    """A training, a trial, or what they are parts of.

    Attributes:
        path: its task; of a model, the task and its name; of a training or a trial, these and its own name.
        kind: in one word.
        times: when it ran.
        settings: as in a task file, nested ones with dots.
        curves: by name.
        numbers: those that it ended with, by name; parts of a name have a slash between them.
        figures: PNG files, by name.
        state: as of a trial.
        reason: why it ended.
    """

    path: tuple[str, ...]
    kind: Literal["task", "model", "training", "trial"]
    times: Times
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, Path] = field(default_factory=dict)
    state: State = "complete"
    reason: str = ""


def task(path: tuple[str, ...], models: Sequence[Run], figures: Mapping[str, Path]) -> Run:
    """Return the run of a task, which has the figures that are of no single model."""
    return Run(path, "task", Times.around(model.times for model in models), figures=figures)


def model(path: tuple[str, ...], parts: Sequence[Run], measured: Mapping[str, Any], figures: Mapping[str, Path]) -> Run:
    """Return the run of a model.

    Args:
        parts: its trainings, and its trials; the first one is a training.
        measured: of the model, from metrics.json.
    """
    settings = {key: value for key, value in parts[0].settings.items() if key != "seed"}
    times = Times.around(part.times for part in parts)
    return Run(path, "model", times, settings, numbers=dict(numbers(measured)), figures=figures)


def training(path: tuple[str, ...], metadata: Mapping[str, Any], history: Mapping[str, Curve], times: Times) -> Run:
    """Return the run of a network.

    Args:
        metadata: model.json.
        history: its columns by name.
    """
    curves = {name: finite(values) for name, values in history.items() if name != "epoch"}
    ended = best(metadata["validation"] | {"parameters": metadata["parameters"]}, metadata)
    return Run(path, "training", times, settings(metadata), curves, ended, reason=metadata["ended"])


def trial(path: tuple[str, ...], result: Mapping[str, Any], before: Mapping[str, Any], times: Times) -> Run:
    """Return the run of a trial.

    Args:
        result: as in the history of its search.
        before: the settings of all trials, as of a network in model.json, to which this one's point is applied.
    """
    named = applied({**before["settings"], "training": before["training"]}, result["active"])
    known = {**before, "training": named.pop("training"), "settings": named}
    curves = {"validation_loss": result["validation_loss"]} if result.get("validation_loss") else {}
    ended = best(result["metrics"] or {}, result)
    return Run(path, "trial", times, settings(known), curves, ended, state=result["state"], reason=result["reason"])


def settings(described: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return the settings of a training by their keys in a task file; those that are null are left out."""
    known = {name: str(described[name]) for name in TOP} | described["settings"]
    known |= {"inputs": ", ".join(one["name"] for one in described["inputs"]), "training": described["training"]}
    return {".".join(keys): value for keys, value in _scalars(known)}


def _scalars(value: Any, *keys: str) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _scalars(one, *keys, str(key))
    elif isinstance(value, list):
        yield keys, json.dumps(value)
    elif value is not None:
        yield keys, value


def best(metrics: Mapping[str, float | None], ended: Mapping[str, Any]) -> dict[str, float]:
    """Return what was measured at the best epoch of a training, and how long it was."""
    measured = {name if name == "parameters" else f"best_validation_{name}": value for name, value in metrics.items()}
    return dict(numbers(measured | {name: ended[name] for name in ("epochs", "best_epoch")}))


def numbers(measured: Mapping[str, Any], *names: str) -> Iterator[tuple[str, float]]:
    """Yield all numbers with the names of the mappings that they are in before theirs; lists have none."""
    for name, value in measured.items():
        if isinstance(value, Mapping):
            yield from numbers(value, *names, name)
        elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield "/".join([*names, name]), float(value)
