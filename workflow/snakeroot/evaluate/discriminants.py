"""Discriminants of a class against a mixture of others, and how well they reject each of these."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate import performance
from snakeroot.evaluate.discriminant_settings import Discriminant
from snakeroot.evaluate.resampling import Floats

SMALLEST = 1e-15
"""Scores end there, so that their logarithms are finite."""


def discriminant(scores: Floats, classes: Sequence[str], known: Discriminant) -> Floats:
    """Return ln(p_signal / Σ f p) over the classes with fractions f, (n,), of the scores p, (n, classes).

    Source: D_b of ATLAS, Eur. Phys. J. C 83 (2023) 681. With one fraction, of 1, it orders events as CMS's ratios
    p_b / (p_b + p_c) do. The scores of classes without a fraction play no part.
    """
    place = {name: scores[:, number] for number, name in enumerate(classes)}
    background = sum((share * place[name] for name, share in known.fractions.items()), np.zeros(len(scores)))
    of_signal: Floats = np.log(np.maximum(place[known.signal], SMALLEST))
    return of_signal - np.log(np.maximum(background, SMALLEST))


def rejections(
    value: Floats, signal: NDArray[np.bool_], background: NDArray[np.bool_], weight: Floats, efficiencies: Floats
) -> pd.DataFrame:
    """Return the rejection 1 / background efficiency for cuts on a value that keep these signal efficiencies.

    Linear between the two neighbouring points of the ROC curve, with 68 % limits from the root of the sum of squared
    weights of the background that passes. Infinite where none does, with `low` of `performance.unseen` and no `high`.
    There is no row if the weights of a class do not add up to more than zero.

    Args:
        value: (n,) of any range.
        signal, background: which events are of the two classes, (n,).
        efficiencies: above 0, up to 1.
    """
    both = signal | background
    target, own = signal[both].astype(np.int8), weight[both]
    if not (add_up(own[target == 1]) and add_up(own[target == 0])):
        return pd.DataFrame(columns=["signal_efficiency", "cut", "rejection", "low", "high"], dtype=np.float64)
    ranking = performance.Ranking(target, value[both])
    curve = ranking.curve(own)
    error = ranking.background_error(own) / curve.background[-1]
    signal_efficiency = curve.signal_efficiency
    rows = []
    for efficiency in efficiencies:
        at = int(np.argmax(signal_efficiency >= efficiency - 1e-12))
        rejection = performance.rejection(curve, min(efficiency, float(signal_efficiency[at])))
        passing = 0.0 if math.isinf(rejection) else 1 / rejection
        # with one entry, or weights of both signs, the lower limit reaches zero: cut at a tenth of the efficiency
        ends = {"low": 1 / (passing + error[at]), "high": 1 / max(passing - error[at], passing / 10)} if passing else {}
        ends = ends or {"low": performance.unseen(own[target == 0]), "high": math.nan}
        rows.append({"signal_efficiency": efficiency, "cut": curve.cut[at], "rejection": rejection, **ends})
    return pd.DataFrame(rows)
