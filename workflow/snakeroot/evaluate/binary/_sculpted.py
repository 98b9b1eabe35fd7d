"""What cuts on the score do to the background's shape, in numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from snakeroot import plotting
from snakeroot.evaluate import dependence
from snakeroot.evaluate.binary._cuts import Binned, Cut
from snakeroot.evaluate.proportions import shares

BACKGROUND = 0


def distribution(variable: Binned, cut: Cut, *, passed: bool) -> plotting.Histogram:
    """Return the histogram of all background that has a number, or of what passes a cut of it."""
    own = (cut.rows.target == BACKGROUND) & variable.known & (cut.passed if passed else True)
    return plotting.histogram(variable.numbers[own], cut.rows.weight[own], variable.limits, variable.bins)


def compared(variable: Binned, cut: Cut) -> pd.DataFrame:
    """Return a row for each bin, below and above the range first and last: the shapes, and their ratio.

    `before` and `after` have unit sum, with errors; their ratio is the efficiency of a bin over that of all, and so are
    the ends of its 68.3 % interval.
    """
    before, after = (plotting.fractions(distribution(variable, cut, passed=passed)) for passed in (False, True))
    shapes = plotting.frame(before).merge(plotting.frame(after), on=["low", "high"], suffixes=("_before", "_after"))
    own = (cut.rows.target == BACKGROUND) & variable.known
    passed, weight = cut.passed[own], cut.rows.weight[own]
    table = shares(variable.places()[own], variable.bins + 2, passed, weight, cut.rows.copies)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = table[["share", "low", "high"]] / (weight[passed].sum() / weight.sum())
    return pd.DataFrame(
        {
            "low": shapes["low"],
            "high": shapes["high"],
            "entries": table["entries"],
            "before": shapes["value_before"],
            "before_error": shapes["error_before"],
            "after": shapes["value_after"],
            "after_error": shapes["error_after"],
            "ratio": ratios["share"],
            "ratio_low": ratios["low"],
            "ratio_high": ratios["high"],
        }
    )


def measures(
    cuts: Sequence[Cut], variables: Mapping[str, Binned], seed: int
) -> dict[tuple[str, str, float], dict[str, float]]:
    """Return by variable, model and efficiency how much a cut changes the background's shape.

    `divergence` is that of Jensen and Shannon, in bits, `divergence_random` the mean of random cuts that keep as many
    rows, `divergence_random_error` their standard deviation. `correlation` is the distance correlation of score and
    variable, whatever the cut; `correlation_independent` is what independent ones would have.
    """
    found = {}
    of_models: dict[tuple[str, str], dict[str, float]] = {}
    for cut in cuts:
        own = cut.rows.target == BACKGROUND
        places = {name: one.places()[own] for name, one in variables.items()}
        bins = {name: one.bins + 2 for name, one in variables.items()}
        kept, chance = int(cut.passed[own].sum()), [seed, cut.model.number, cut.number]
        random = dependence.by_chance(places, bins, cut.rows.weight[own], kept, chance)
        for by_chance, (name, one) in zip(random, variables.items(), strict=True):
            after, before = (distribution(one, cut, passed=passed).values(flow=True) for passed in (True, False))
            if (key := (name, cut.model.name)) not in of_models:
                of_models[key] = _correlation(one, cut, seed)
            found[*key, cut.efficiency] = {
                "divergence": dependence.divergence(np.asarray(after), np.asarray(before)),
                "divergence_random": float(np.mean(by_chance)),
                "divergence_random_error": float(np.std(by_chance, ddof=1)),
                **of_models[key],
            }
    return found


def _correlation(variable: Binned, cut: Cut, seed: int) -> dict[str, float]:
    chosen = dependence.choose(variable.known & (cut.rows.target == BACKGROUND), seed)
    columns = (variable.numbers, cut.rows.predicted, cut.rows.weight)
    correlation, independent = dependence.distance_correlation(*(column[chosen] for column in columns))
    return {"correlation": correlation, "correlation_independent": independent}
