"""Several classes: the area of each against the others, and how often the likeliest class is right.

All is for equal totals of the classes, as the metrics are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.evaluate.performance import LEAST_LIKELY
from snakeroot.evaluate.resampling import Floats
from snakeroot.systematics.kinds._separation import auc
from snakeroot.systematics.quantity import Quantity, Weighed, mean
from snakeroot.systematics.settings import SystematicsSettings


def quantities(rows: Weighed, settings: SystematicsSettings, known: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the mean of the AUC of the classes, accuracy and loss, and the AUC of each class."""
    del known
    areas = [against_others(rows, number, len(settings.classes)) for number in range(len(settings.classes))]
    macro = float(np.mean([area for area, _ in areas])), np.mean([influence for _, influence in areas], axis=0)
    yield Quantity("auc_macro", "Macro AUC", *macro)
    right = (rows.predicted.argmax(axis=1) == rows.target).astype(np.float64)
    yield Quantity("accuracy", "Accuracy", *of_equal_classes(rows, right, len(settings.classes)))
    likely = rows.predicted[np.arange(len(rows.target)), np.asarray(rows.target, np.int64)]
    loss = of_equal_classes(rows, -np.log(np.maximum(likely, LEAST_LIKELY)), len(settings.classes))
    yield Quantity("loss", "Loss", *loss)
    for name, area in zip(settings.classes, areas, strict=True):
        yield Quantity(f"auc.{name}", f"AUC of {name}", *area, main=False)


def against_others(rows: Weighed, number: int, classes: int) -> tuple[float, Floats]:
    """Return the area of a class against an even mixture of the others, which is the mean of those against each."""
    influence, areas, own = np.zeros(len(rows.target)), [], rows.target == number
    for other in (place for place in range(classes) if place != number):
        pair = own | (rows.target == other)
        area, of_pair = auc(own[pair], rows.predicted[pair, number], rows.weight[pair])
        influence[pair] += of_pair / (classes - 1)
        areas.append(area)
    return float(np.mean(areas)), influence


def of_equal_classes(rows: Weighed, values: Floats, classes: int) -> tuple[float, Floats]:
    """Return the mean over the classes of the mean of values, (n,), and the influence of each row, (n,)."""
    influence, means = np.zeros(len(values)), []
    for number in range(classes):
        own = rows.target == number
        value, of_class = mean(values[own], rows.weight[own])
        influence[own] = of_class / classes
        means.append(value)
    return float(np.mean(means)), influence
