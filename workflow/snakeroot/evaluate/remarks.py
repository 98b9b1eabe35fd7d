"""What is said beside metrics that lie where none should, or have no value: weights of both signs do that."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.evaluate.reported._metric import Metric
from snakeroot.evaluate.resampling import Floats


def remarked(values: Mapping[str, Any], weight: Floats, metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """Return the metrics of a split for weights (n,), with `remarks`, a list of sentences, if there is one to be made.

    A value is a number, None, or several of them in lists or a mapping.
    """
    negative = -float(weight[weight < 0].sum()) / float(np.abs(weight).sum())
    reason = f", as {negative:.2g} of the weights' magnitude is negative" if negative else ""
    remarks = []
    for name, metric in metrics.items():
        why = metric.by_rows or metric.by_weights + reason
        if (metric.by_rows or metric.by_weights) and values.get(name, 0) is None:
            remarks.append(f"{name} has no value: {why}")
        keys = (name, f"{name}_low", f"{name}_high")
        if beyond := [key for key in keys if any(metric.outside(one) for one in _numbers(values.get(key)))]:
            left, right = "[" if metric.low > -math.inf else "(", "]" if metric.high < math.inf else ")"
            remarks.append(f"{' and '.join(beyond)} not in {left}{metric.low:g}, {metric.high:g}{right}{reason}")
    return {**values, **({"remarks": remarks} if remarks else {})}


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif value is not None:
        yield value
