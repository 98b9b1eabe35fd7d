"""Several classes, whose totals count alike."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from snakeroot.evaluate.measures import multiclass
from snakeroot.evaluate.resampling import Floats, Measure

METRICS = {"auc_macro": 1, "accuracy": 1}


def measure(target: NDArray[Any], predicted: Floats) -> Measure:
    """Return the measure of scores (n, classes)."""
    separation = multiclass.Separation(target, predicted)

    def of_weights(weight: Floats) -> dict[str, float]:
        found = separation(weight)
        return {name: float(found[name]) for name in METRICS}

    return of_weights
