"""A number."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from snakeroot.evaluate.measures import regression
from snakeroot.evaluate.resampling import Floats, Measure

METRICS = {"r2": 1, "rmse": -1}


def measure(target: NDArray[Any], predicted: Floats) -> Measure:
    """Return the measure of predictions (n, 1)."""
    errors = regression.errors(target, predicted[:, 0], "absolute")

    def of_weights(weight: Floats) -> dict[str, float]:
        measured = errors(weight)
        return {name: float(measured[name]) for name in METRICS}

    return of_weights
