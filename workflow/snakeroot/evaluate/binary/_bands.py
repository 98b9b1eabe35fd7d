"""What resampling the events makes of curves over the score: their bands."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from snakeroot.evaluate.cells import Cells
from snakeroot.evaluate.performance import Curve, Ranking
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.resampling import Floats, interval


class Resampled(NamedTuple):
    """A model's test split: its curve of all scores, and those of the resamplings over cells of scores."""

    curve: Curve
    cells: Cells
    drawn: Curve


def resampled(rows: Predictions, count: int, seed: int) -> Resampled:
    """Return the curves; resamplings of the same events with the same seed are the same for all models."""
    ranking = Ranking(rows.target, rows.predicted)
    cells = Cells(ranking, rows.target, rows.predicted)
    [sums] = cells.resampled(rows.event, [rows.weight], count, [seed])
    return Resampled(ranking.curve(rows.weight), cells, cells.curve(sums))


def at_background(one: Resampled, efficiency: Floats) -> Floats:
    """Return the signal efficiency of each resampling at background efficiencies (n,) above 0, (n, r)."""
    columns = zip(one.drawn.background_efficiency.T, one.drawn.signal_efficiency.T, strict=True)
    return np.stack([along(efficiency, *column) for column in columns], axis=1)


def along(efficiency: Floats, background: Floats, signal: Floats) -> Floats:
    """Return the signal efficiency at a background efficiency; where weights of both signs bend it back, the first."""
    reached = np.maximum.accumulate(background)
    return np.interp(efficiency, reached, signal)


def ends(values: Floats) -> tuple[Floats, Floats]:
    """Return the 68 % interval of each row of values, (n, r)."""
    both = np.array([interval(row) for row in values]).reshape(-1, 2)
    return both[:, 0], both[:, 1]
