"""Scores of several classes in cells, and the bootstrap of what follows from them: see `snakeroot.evaluate.cells`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import positive
from snakeroot.evaluate.cells import neighbours, resampled
from snakeroot.evaluate.performance import Ranking
from snakeroot.evaluate.resampling import Floats, Integers


class ClassCells:
    """The rows of a split by true class, and for each class by cells of its score, from the highest to the lowest."""

    def __init__(self, ranked: Sequence[Ranking], right: NDArray[np.bool_], surprise: Floats) -> None:
        """Put rows (n,) into cells.

        Args:
            ranked: the rows by the score of each class, against all others.
            right: whether the likeliest class is the true one, (n,).
            surprise: minus the logarithm of the score of the true class, (n,).
        """
        self.right, self.surprise = right.astype(np.float64), surprise
        self.target = np.zeros(len(right), dtype=np.int64)
        for number, ranking in enumerate(ranked):
            self.target[ranking.signal] = number
        self.cells = [self._cells(ranking) for ranking in ranked]

    def _cells(self, ranking: Ranking) -> Integers:
        cell = np.empty(len(self.target), dtype=np.int64)
        cell[ranking.order] = np.repeat(neighbours(ranking), np.diff(ranking.last, prepend=-1))
        return cell

    def resampled(
        self, event: Integers, weights: Sequence[Floats], count: int, seed: Sequence[int]
    ) -> list[dict[str, Floats]]:
        """Return for each of several weights (n,) what each resampling of the events gives.

        That is the AUC of each class against the others, (count, classes), their mean, the accuracy of the likeliest
        class and the cross-entropy [nats], (count,), all for equal totals of the classes; NaN where nothing of a class
        is left. The factor of an event is the same for all its rows, and for other scores of the same events.
        """
        classes = len(self.cells)
        amounts = [weight * of_rows for weight in weights for of_rows in (1.0, self.right, self.surprise)]
        sums = resampled(self.target, classes, event, amounts, count, seed)
        found: list[dict[str, Floats]] = []
        totals = []
        for number, weight in enumerate(weights):
            total, right, surprise = sums[3 * number : 3 * number + 3]
            magnitude = np.bincount(self.target, np.abs(weight), classes)
            known = [all(map(positive, of_all, magnitude)) for of_all in total.T]
            totals.append(np.where(known, total, np.nan))
            accuracy, loss = ((part / totals[-1]).mean(axis=0) for part in (right, surprise))
            found.append({"auc": np.empty((count, classes)), "accuracy": accuracy, "loss": loss})
        for own, cell in enumerate(self.cells):
            many = int(cell.max()) + 1
            of_cells = resampled(self.target * many + cell, classes * many, event, weights, count, seed)
            for one, total, flat in zip(found, totals, of_cells, strict=True):
                one["auc"][:, own] = area(flat.reshape(classes, many, count) / total[:, np.newaxis], own)
        return [{"auc": one["auc"], "auc_macro": one["auc"].mean(axis=1), **one} for one in found]


def area(shares: Floats, own: int) -> Floats:
    """Return the area under the ROC curve of a class against an even mixture of the others, (r,).

    That is the weighted Mann–Whitney statistic, as of `snakeroot.evaluate.performance.auc`.

    Args:
        shares: of each class in each cell, from the highest scores on, (classes, cells, r).
    """
    signal = shares[own]
    background = np.delete(shares, own, axis=0).mean(axis=0)
    above = np.cumsum(signal, axis=0) - 0.5 * signal
    result: Floats = np.sum(background * above, axis=0)
    return result
