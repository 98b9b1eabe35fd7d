"""What is measured of a network's outputs after each epoch: one module each. A module has

* `TITLE`: what it is called in figures and tables, and `ORDER`: its place among the metrics of a task, the loss first.
* `KINDS`: the kinds of task that have it.
* `MAXIMISED`: whether more is better.
* `OF_TARGET`: whether its unit is that of a regression's target.
* `DECADES`: whether it is shown on a logarithmic axis where it spans more than a factor of ten.
* `measure(objective, outputs, target, weight)`: its value, a float64 scalar on the device of the outputs (n, outputs),
  targets (n,) and weights (n,).

It is imported to read the config, so it imports torch only inside its functions.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

from snakeroot.registry import Registry

METRICS = Registry(__name__, "metric")

if TYPE_CHECKING:
    Metric = str
else:
    Metric = Literal[tuple(METRICS.names())]
"""The name of one."""


@functools.cache
def of_kind(kind: str) -> tuple[Metric, ...]:
    """Return what is measured of a kind of task, the loss first."""
    metrics = {name: METRICS.load(name) for name in METRICS.names()}
    return tuple(
        sorted((name for name in metrics if kind in metrics[name].KINDS), key=lambda name: metrics[name].ORDER)
    )


def maximised(name: Metric) -> bool:
    """Return whether more is better."""
    return bool(METRICS.load(name).MAXIMISED)
