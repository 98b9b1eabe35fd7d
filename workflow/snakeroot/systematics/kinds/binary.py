"""Signal against background: the area, what passes the working points, and the significance, at the nominal cuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.predictions import CLASSES, of_shown
from snakeroot.evaluate.resampling import Floats
from snakeroot.evaluate.significance import asimov
from snakeroot.systematics.kinds._separation import auc
from snakeroot.systematics.quantity import Quantity, Weighed, mean
from snakeroot.systematics.settings import SystematicsSettings

STEP = 1e-5
"""Relative, of a yield, for the derivative of the significance."""


def quantities(rows: Weighed, settings: SystematicsSettings, known: Mapping[str, Any]) -> Iterator[Quantity]:
    """Yield the AUC, both efficiencies at each working point and, of yields, the significance.

    The cuts are those that were found on the nominal validation split: they are what an analysis has, whatever the
    truth is.
    """
    signal = rows.target == 1
    yield Quantity("auc", "AUC", *auc(signal, rows.predicted, rows.weight))
    points = [point for point in known["working_points"] if point["cut"] is not None]
    for place, point in enumerate(points):
        passing = rows.predicted >= point["cut"]
        wanted = (
            f"{100 * point['value']:.4g} %" if point["wanted"] == "signal_efficiency" else f"1/{point['value']:.4g}"
        )
        for number, name in reversed(list(enumerate(CLASSES))):
            own = rows.target == number
            influence = np.zeros(len(own))
            value, influence[own] = mean(passing[own].astype(np.float64), rows.weight[own])
            if not passing[own].any():  # the scatter of nothing is not none
                influence[own] = np.nan
            title = f"{name.capitalize()} efficiency at {wanted}"
            known_as = {"relative": True, "point": point["value"], "main": place == len(points) // 2}
            yield Quantity(f"{name}_efficiency", title, value, influence, **known_as)
    cut = of_shown(dict(known))["test"]["significance_cut"]
    if settings.yields and cut is not None:
        yield Quantity("significance", "Significance", *significance(rows, cut, known), ".4g", relative=True)


def significance(rows: Weighed, cut: float, known: Mapping[str, Any]) -> tuple[float, Floats]:
    """Return the Asimov significance of what passes a cut, and the influence of each row, (n,).

    Yields are those of all events: what is `expected` nominally, times what passes of the varied weights, divided by
    the nominal total of the split. The totals of the samples, nominal and varied, are known; which of their events pass
    is not. NaN where no background passes.
    """
    influence = np.zeros(len(rows.target))
    nothing = float("nan"), np.full(len(influence), np.nan)
    passing = rows.predicted >= cut
    of_class: list[tuple[float, Floats]] = []
    for number, name in enumerate(CLASSES):
        own = rows.target == number
        if not add_up(rows.known[own]):
            return nothing
        scale = known["expected"][name] / known["totals"][name]
        passed = rows.weight[own] * passing[own]
        parts = passed - rows.known[own] * (passed.sum() / rows.known[own].sum())
        of_class.append((float(scale * passed.sum()), scale * parts))
    (b, of_background), (s, of_signal) = of_class
    if not b > 0:
        return nothing

    def at(s: float, b: float) -> float:
        return float(asimov(np.array(s), np.array(b), known["background_uncertainty"] * b))

    value = at(s, b)
    for number, slope, parts in (
        (1, (at(s * (1 + STEP), b) - at(s * (1 - STEP), b)) / (2 * STEP * s) if s > 0 else 0.0, of_signal),
        (0, (at(s, b * (1 + STEP)) - at(s, b * (1 - STEP))) / (2 * STEP * b), of_background),
    ):
        influence[rows.target == number] = slope * parts
    return value, influence
