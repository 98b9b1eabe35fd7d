"""Predictions of targets beside the main one, as if each were all that a task has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from snakeroot.evaluate import predictions
from snakeroot.evaluate.predictions import Predictions
from snakeroot.networks.others import predicted, target


def regression(path: Path, split: str, model: str, name: str) -> Predictions:
    """Read what a model says of a number, in the rows in which it is known.

    Raises:
        SnakerootError: if it is known of none, or their weights do not add up to more than zero.
    """
    rows = predictions.of_columns(path, [predicted(name, "regression")], target(name))
    predictions.check_total(path, f"{split}, where {name} is known", model, rows.weight)
    return rows


def binary(path: Path, split: str, model: str, name: str) -> Predictions:
    """Read what a model says of a label, in the rows in which it is known.

    Raises:
        SnakerootError: if rows with it, or without it, are missing, or weigh nothing.
    """
    classes = (f"{name} = 0", f"{name} = 1")
    rows = predictions.of_columns(path, [predicted(name, "binary")], target(name))
    rows = replace(rows, target=rows.target.astype(np.int8))
    return predictions.with_classes(rows, split, model, classes)
