"""Several classes, whose totals count alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.evaluate.measures import multiclass
from snakeroot.evaluate.resampling import Floats, Measure

METRICS = {"auc_macro": 1, "accuracy": 1}


def measure(target: NDArray[Any], predicted: Floats) -> Measure:
    """Return the measure of scores (n, classes)."""
    ranked = multiclass.rankings(target, predicted)

    def of_weights(weight: Floats) -> dict[str, float]:
        macro = float(multiclass.areas(ranked, weight)["auc_macro"])
        if np.isnan(macro):
            return dict.fromkeys(METRICS, macro)
        return {"auc_macro": macro, "accuracy": float(multiclass.decisions(target, predicted, weight)["accuracy"])}

    return of_weights
