"""Whether one model is better than another: by how much, and how surely, on the same events, for tasks of all kinds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from snakeroot.evaluate.resampling import Floats, Measurement, interval, plain


def comparisons(models: Mapping[str, Measurement], better: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return each model against each that stands before it: the difference of each metric on the test split.

    The bootstrap is paired: in each resampling both models are measured on the same events, so what an event does to
    both leaves the difference. `probability` is the share of the resamplings in which the model is better, an equal
    one counting half; a resampling in which one of the two is undefined is left out. A metric that is infinite or
    undefined for one of the two is not compared.

    Args:
        models: by name, in the order of the task; what their test split was measured, and in each resampling.
        better: of each metric that is compared 1 if more is better, -1 if less is.
    """
    pairs = itertools.combinations(models, 2)
    return [
        {"model": name, "reference": reference, "metric": metric, **compared(*values, sign)}
        for reference, name in pairs
        for metric, sign in better.items()
        if (values := _values(models[name], models[reference], metric))
    ]


def _values(model: Measurement, reference: Measurement, metric: str) -> tuple[float, Floats, Floats] | None:
    known = [one["test"].get(metric) for one in (model, reference)]
    if None in known:
        return None
    return known[0] - known[1], model.drawn[metric], reference.drawn[metric]


def compared(difference: float, model: Floats, reference: Floats, sign: int) -> dict[str, Any]:
    """Return the difference of two models, its 68 % interval, and how probable it is that the first one is better."""
    with np.errstate(invalid="ignore"):  # both may be infinite
        low, high = interval(model - reference)
    known = ~(np.isnan(model) | np.isnan(reference))
    won = np.where(model == reference, 0.5, sign * model > sign * reference)[known]
    probability = float(won.mean()) if len(won) else math.nan
    return plain({"difference": difference, "low": low, "high": high, "probability": probability})
