"""Cuts that keep a share of the signal, or reject so much background: found on one split, measured on another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from snakeroot.evaluate import performance
from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.metrics_settings import WorkingPoints
from snakeroot.evaluate.performance import Curve
from snakeroot.evaluate.predictions import CLASSES, Predictions
from snakeroot.evaluate.resampling import Floats, interval


def cuts(curve: Curve, wanted: WorkingPoints) -> list[tuple[str, float, float | None]]:
    """Return what is wanted, how much of it, and the cut for it, which is None if there is none.

    For an efficiency of the signal it is the tightest cut that keeps it, for a rejection of the background the loosest
    one that, as all tighter ones, rejects so much.
    """
    found: list[tuple[str, float, float | None]] = []
    for efficiency in wanted.signal_efficiency:
        place = int(np.argmax(curve.signal_efficiency >= efficiency))
        found.append(("signal_efficiency", efficiency, float(curve.cut[place])))
    for rejection in wanted.background_rejection:
        place = int(np.argmax(curve.background_efficiency > 1 / rejection)) - 1  # of none passing it is 0, of all 1
        found.append(("background_rejection", rejection, float(curve.cut[place]) if place > 0 else None))
    return found


def measured(
    found: Sequence[tuple[str, float, float | None]],
    split: Predictions,
    cells: Cells,
    drawn: Floats,
    totals: Sequence[float] | None,
) -> list[dict[str, Any]]:
    """Return what passes each cut in a split: efficiencies, rejection, their 68 % intervals, entries and yields.

    Where nothing of a class passes, the end of the interval is the limit at 68 % that so many events allow; the
    rejection is then infinite. An efficiency is one of signed weights.

    Args:
        cells, drawn: of the same split, with a break at each cut, and their resampled sums (2, k, r).
        totals: yields of all background and signal; None where weights are no yields.
    """
    weighed, squares, entries = (cells.sums(split.weight**power) for power in (1, 2, 0))
    points: list[dict[str, Any]] = []
    for wanted, value, cut in found:
        points.append({"wanted": wanted, "value": value, "cut": cut})
        if cut is None:
            continue
        efficiency, resampled = (cells.passing(cut, sums) / sums.sum(axis=1) for sums in (weighed, drawn))
        errors = np.sqrt(split.copies * cells.passing(cut, squares)) / weighed.sum(axis=1)
        for target, name in enumerate(CLASSES):
            low, high = interval(resampled[target])
            many = int(cells.passing(cut, entries)[target])
            if not many:
                high = 1 / performance.unseen(split.weight[split.target == target], split.copies)
            ends = {"": float(efficiency[target]), "_low": low, "_high": high}
            points[-1] |= {f"{name}_efficiency{end}": amount for end, amount in ends.items()}
            points[-1][f"{name}_entries"] = many
            if totals:
                yields = {"": efficiency[target], "_error": errors[target]}
                points[-1] |= {f"{name}_yield{end}": totals[target] * float(part) for end, part in yields.items()}
        turned = {"": "", "_low": "_high", "_high": "_low"}  # the more passes, the less is rejected
        points[-1] |= {
            f"rejection{end}": inverse(points[-1][f"background_efficiency{other}"]) for end, other in turned.items()
        }
    return points


def inverse(efficiency: float) -> float:
    """Return the rejection; infinite where nothing passes, or the weights of what does cancel."""
    return math.nan if math.isnan(efficiency) else 1 / efficiency if efficiency > 0 else math.inf
