"""Predictions of several classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snakeroot.evaluate import predictions


def read(path: Path, split: str, model: str, settings: Any) -> predictions.Predictions:
    """Read those of a split; the settings have the classes."""
    return predictions.multiclass(path, split, model, [one.name for one in settings.classes])
