"""Whether a model knows its training events by heart: its scores of the train split against those of the test split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, kolmogorov

from snakeroot.evaluate.predictions import CLASSES, Predictions
from snakeroot.evaluate.resampling import Floats, Integers, interval, plain

Verdict = Literal["none", "suspected", "clear"]

BINS, LEAST = 20, 10
"""Bins of the χ² at most, and effective events in each of them on average, from which on its distribution is known."""

RELEVANT = 0.05, 0.1
"""Shares of the pairs of signal and background that are ranked wrongly on test, and rightly on train, from which on
overtraining is suspected, and clear: below, the events that are learned by heart cost less than another seed does."""

SIGNIFICANT = 2.0, 3.0
"""Errors of the difference of the areas from which on it is no chance: one in 44 suspected, one in 740 clear."""

UNLIKELY = 0.01
"""Probability of one of the two Kolmogorov–Smirnov tests below which the distributions differ."""


@dataclass(frozen=True)
class Scores:
    """Scores of one class in one split, in rising order.

    Attributes:
        score, weight: (n,).
        effective: of how many events they are worth.
    """

    score: Floats
    weight: Floats
    effective: float

    @classmethod
    def of(cls, score: Floats, weight: Floats, event: Integers, order: NDArray[np.intp]) -> Scores:
        """Return those of some rows, which stand at `order`, (n,), of falling scores.

        Effective are (Σw)² / Σ(Σ_e w)² events, e being an event: its rows have not been drawn independently.
        """
        rows = order[::-1]
        own = weight[rows]
        squares = max(float(np.sum(own**2)), float(np.sum(np.bincount(event[rows], own) ** 2)))
        return cls(score[rows], own, float(own.sum()) ** 2 / squares if squares else 0.0)


def kolmogorov_smirnov(first: Scores, second: Scores) -> tuple[float, float]:
    """Return the largest distance of two distributions' cumulative functions, and the probability of a larger one.

    For weights of any sign, with effective numbers of events: F. James, Statistical Methods in Experimental Physics,
    2nd ed. (2006), 11.4; as in ROOT's TMath::KolmogorovTest and TH1::KolmogorovTest. The correction for few events is
    M. A. Stephens', J. R. Stat. Soc. B 32 (1970) 115. Of scores that are equal for many events, and where weights and
    scores are related, the probability is approximate.
    """
    score = np.concatenate([first.score, second.score])
    steps = np.concatenate([first.weight / first.weight.sum(), -second.weight / second.weight.sum()])
    order = np.argsort(score, kind="stable")  # it merges the two, each of which is in order
    score, distance = score[order], np.cumsum(steps[order])
    statistic = float(np.abs(distance[np.append(np.diff(score) != 0, True)]).max())
    return statistic, float(kolmogorov(_scale(first, second) * statistic))


def _scale(first: Scores, second: Scores) -> float:
    root = np.sqrt(first.effective * second.effective / (first.effective + second.effective))
    return float(root + 0.12 + 0.11 / root)


def chi_squared(first: Scores, second: Scores) -> tuple[float | None, int, float | None]:
    """Return χ² of two weighted histograms, its degrees of freedom, and the probability of a larger one.

    Source: N. D. Gagunashvili, Comparison of weighted and unweighted histograms, arXiv:physics/0605123, eq. 15: with
    sums w, W = Σw and errors s, Σ (W₁ w₂ - W₂ w₁)² / (W₁² s₂² + W₂² s₁²) over the bins, of which it is one less. Bins
    have equal numbers of rows of both together, equal scores being in one. None where there are too few events for two.
    """
    many = min(BINS, int(min(first.effective, second.effective) / LEAST))
    both = np.sort(np.concatenate([first.score, second.score]), kind="stable")
    edges = np.unique(both[np.arange(1, many) * len(both) // many]) if many > 1 else np.empty(0)
    edges = edges[edges > both[0]]
    if not len(edges):
        return None, 0, None
    (one, its), (other, others) = (_filled(part, edges) for part in (first, second))
    variance = one.sum() ** 2 * others + other.sum() ** 2 * its
    known = variance > 0
    free = int(known.sum()) - 1
    difference = (one.sum() * other - other.sum() * one)[known]
    value = float(np.sum(difference**2 / variance[known]))
    return value, free, float(chdtrc(free, value)) if free else None


def _filled(part: Scores, edges: Floats) -> tuple[Floats, Floats]:
    """Return the sum of weights in each bin, and its variance; a score at an edge is above it."""
    place = np.searchsorted(edges, part.score, side="right")
    sums, squares = (
        np.bincount(place, values, len(edges) + 1).astype(np.float64) for values in (part.weight, part.weight**2)
    )
    rows = part.weight.sum() ** 2 / squares.sum()
    return sums, squares * rows / part.effective


def compared(first: Scores, second: Scores) -> dict[str, Any]:
    """Return both tests of one class; nothing is known of less than one effective event."""
    if min(first.effective, second.effective) < 1:
        return {"statistic": None, "p": None, "chi2": None, "ndf": 0, "p_chi2": None}
    statistic, p = kolmogorov_smirnov(first, second)
    chi2, ndf, p_chi2 = chi_squared(first, second)
    return {"statistic": statistic, "p": p, "chi2": chi2, "ndf": ndf, "p_chi2": p_chi2}


def of_folds(tests: list[dict[str, Any]]) -> dict[str, Any]:
    """Return one test for those of all folds, which share events: that in the middle, with twice its probability.

    That is a probability whatever the folds have in common: N. Meinshausen, L. Meier, P. Bühlmann, J. Am. Stat. Assoc.
    104 (2009) 1671.
    """
    if len(tests) == 1:
        return tests[0]
    whole: dict[str, Any] = {}
    for p, others in (("p", ("statistic",)), ("p_chi2", ("chi2", "ndf"))):
        known = sorted((one for one in tests if one[p] is not None), key=lambda one: one[p]) or tests[:1]
        middle = known[len(known) // 2]
        whole |= {name: middle[name] for name in others}
        whole[p] = None if middle[p] is None else min(1.0, 2 * middle[p])
    return whole


def areas(train: float, test: float, drawn: Floats) -> dict[str, float]:
    """Return the AUC of both splits, and their difference with its 68 % interval from resamplings (r,) of it."""
    low, high = interval(drawn)
    return {"train": train, "test": test, "difference": train - test, "low": low, "high": high}


def verdict(auc: Mapping[str, float], probabilities: list[float | None]) -> Verdict:
    """Return whether there is overtraining, which has to be both more than chance and large enough to matter.

    Large is a difference of the areas of at least `RELEVANT` of what the test split's area lacks to 1. It is clear with
    a difference of 3 errors, suspected with one of 2, or where a distribution of scores differs.

    Args:
        auc: as `areas` returns it.
        probabilities: of the Kolmogorov–Smirnov tests.
    """
    difference = auc["difference"]
    error, lacking = difference - auc["low"], 1 - auc["test"]
    sure = [difference > 0 and difference >= errors * error for errors in SIGNIFICANT]
    large = [difference > 0 and difference >= share * lacking for share in RELEVANT]
    if sure[1] and large[1]:
        return "clear"
    differ = any(p is not None and p < UNLIKELY for p in probabilities)
    return "suspected" if large[0] and (sure[0] or differ) else "none"


def of_model(
    splits: Mapping[str, Predictions], ranked: Mapping[str, NDArray[np.intp]], auc: Mapping[str, Any]
) -> dict[str, Any]:
    """Return how train and test differ in the scores of each class and in the AUC, and whether that is

    With folds, an event is in the test split of one and in the train split of others: scores of the same networks are
    compared, fold by fold.

    Args:
        ranked: the rows of both splits in falling order of the score.
        auc: as `areas` returns it.
    """
    found: dict[str, Any] = {}
    for target, name in enumerate(CLASSES):
        tests = []
        for fold in splits["test"].each_fold():
            both = []
            for split in ("train", "test"):
                rows, order = splits[split], ranked[split]
                chosen = rows.of_fold(fold, order[rows.target[order] == target])
                both.append(Scores.of(rows.predicted, rows.weight, rows.event, chosen))
            tests.append(compared(*both))
        found[name] = plain(of_folds(tests))
    unlikely = [found[name]["p"] for name in CLASSES]
    return {**found, "auc": plain(auc), "verdict": verdict(auc, unlikely)}
