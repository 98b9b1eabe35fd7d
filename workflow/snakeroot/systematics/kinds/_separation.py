"""The area under the ROC curve of rows against each other, with the influence of each row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.resampling import Floats


def auc(signal: NDArray[np.bool_], score: Floats, weight: Floats) -> tuple[float, Floats]:
    """Return the area and the influence of each row, (n,), of scores (n,) with weights of any sign (n,).

    The area is Σ w_s w_b h / (Σ w_s Σ w_b), h being 1 where the signal scores higher, half of it for ties. So a row of
    signal moves it by its share of the signal times what it alone would have for an area, less the area; so does one of
    background. NaN if a class weighs nothing.
    """
    if not (add_up(weight[signal]) and add_up(weight[~signal])):
        return float("nan"), np.full(len(weight), np.nan)
    ranking = Ranking(signal.astype(np.int8), score)
    curve = ranking.curve(weight)
    place = np.empty(len(score), dtype=np.int64)  # of the different scores, from the highest on
    place[ranking.order] = np.repeat(np.arange(len(ranking.last)), np.diff(ranking.last, prepend=-1))
    above, below = (
        (passing[:-1] + passing[1:])[place] / 2
        for passing in (curve.signal_efficiency, 1 - curve.background_efficiency)
    )
    own = np.where(signal, below, above)
    area = float((weight * own)[signal].sum() / weight[signal].sum())
    totals = np.where(signal, weight[signal].sum(), weight[~signal].sum())
    return area, weight / totals * (own - area)
