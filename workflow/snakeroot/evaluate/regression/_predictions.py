"""Predictions of a regression."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snakeroot.evaluate import predictions


def read(path: Path, split: str, model: str, settings: Any) -> predictions.Predictions:
    """Read those of a split."""
    del settings
    return predictions.regression(path, split, model)
