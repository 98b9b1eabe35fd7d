"""Predictions of a binary task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snakeroot.evaluate import other_rows, predictions


def read(path: Path, split: str, model: str, settings: Any) -> predictions.Predictions:
    """Read those of a split, or of a target beside the main one, if the figure is about that."""
    if getattr(settings, "other", None):
        return other_rows.binary(path, split, model, settings.other)
    return predictions.read(path, split, model)
