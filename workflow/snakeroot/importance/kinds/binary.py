"""Signal against background."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate import performance
from snakeroot.evaluate.resampling import Floats, Measure

METRICS = {"auc": 1}


def measure(target: NDArray[Any], predicted: Floats) -> Measure:
    """Return the measure of scores (n, 1)."""
    ranking = performance.Ranking(target, predicted[:, 0])

    def of_weights(weight: Floats) -> dict[str, float]:
        defined = add_up(weight[ranking.signal]) and add_up(weight[~ranking.signal])
        return {"auc": performance.auc(ranking.curve(weight)) if defined else math.nan}

    return of_weights
