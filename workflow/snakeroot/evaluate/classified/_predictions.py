"""Predictions of a task with classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snakeroot.evaluate import predictions


def read(path: Path, split: str, model: str, settings: Any) -> predictions.Predictions:
    """Read those of a split; the settings have the classes, by target."""
    classes = [one.name for one in settings.classes]
    if len(classes) == len(predictions.CLASSES):
        return predictions.read(path, split, model)
    return predictions.multiclass(path, split, model, classes)
