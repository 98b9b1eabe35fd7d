"""What a network separates, and what a cut on its score does to a variable, network by network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from snakeroot.evaluate import dependence, performance
from snakeroot.evaluate.binary import _cuts
from snakeroot.evaluate.binary._cuts import Binned, Cut
from snakeroot.evaluate.binary._sculpted import BACKGROUND, distribution
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.resampling import Floats

if TYPE_CHECKING:
    from snakeroot.evaluate.binary._profiled import Profiled

DRAWS = 200
"""Of the contents of histograms, for the error of a divergence."""


def table(settings: Profiled, predictions: Sequence[Predictions], columns: Sequence[Path], bins: int) -> pd.DataFrame:
    """Return a row for each variable, model, efficiency and network: `auc`, and the `divergence` that its cut causes.

    `divergence_error` is the statistical one, `divergence_random` what random cuts that keep as many rows cause on
    average.
    """
    variables = _cuts.binned(predictions[0], columns, settings.profiled, bins)
    return pd.DataFrame(
        row
        for model, rows in zip(settings.models, predictions, strict=True)
        for row in _of_model(settings.model_copy(update={"models": [model]}), rows, variables)
    )


def _of_model(settings: Profiled, rows: Predictions, variables: dict[str, Binned]) -> Iterator[dict[str, Any]]:
    for replica, score in enumerate(rows.replicas):
        own = replace(rows, predicted=score, replicas=[score])
        area = float(performance.auc(performance.Ranking(own.target, score).curve(own.weight)))
        for cut in _cuts.cuts(settings, [own]):
            for name, one in variables.items():
                seed = [settings.seed, cut.model.number, cut.number, replica]
                yield {
                    "variable": name,
                    "model": cut.model.name,
                    "efficiency": cut.efficiency,
                    "network": replica,
                    "auc": area,
                    **dict(zip(("divergence", "divergence_error"), _divergence(one, cut, seed), strict=True)),
                    "divergence_random": _by_chance(name, one, cut, seed),
                }


def _by_chance(name: str, variable: Binned, cut: Cut, seed: list[int]) -> float:
    own = cut.rows.target == BACKGROUND
    places, kept = {name: variable.places()[own]}, int(cut.passed[own].sum())
    return float(np.mean(dependence.by_chance(places, {name: variable.bins + 2}, cut.rows.weight[own], kept, seed)))


def _divergence(variable: Binned, cut: Cut, seed: list[int]) -> tuple[float, float]:
    """Return the divergence of what passes from all, with its error: of contents that vary by their own errors."""
    histograms = [distribution(variable, cut, passed=passed) for passed in (True, False)]
    (after, squares), (before, of_all) = (_contents(histogram) for histogram in histograms)
    random = np.random.default_rng(seed)
    passed = after + np.sqrt(squares) * random.normal(size=(DRAWS, len(after)))
    failed = before - after + np.sqrt(np.maximum(of_all - squares, 0.0)) * random.normal(size=(DRAWS, len(after)))
    drawn = [dependence.divergence(one, one + other) for one, other in zip(passed, failed, strict=True)]
    return dependence.divergence(after, before), float(np.nanstd(drawn))


def _contents(histogram: Any) -> tuple[Floats, Floats]:
    return np.asarray(histogram.values(flow=True)), np.asarray(histogram.variances(flow=True))
