"""No target: how well rows are described and, where they are put into clusters, how far these agree with the samples.

Purity and the Rand index are for equal totals of the samples, so that they do not depend on cross-sections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from snakeroot.data.cancellation import add_up, positive
from snakeroot.data.files import read_json
from snakeroot.evaluate import representations
from snakeroot.evaluate.classes import equal_classes
from snakeroot.evaluate.join import join
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.evaluate.remarks import remarked
from snakeroot.evaluate.reported.unsupervised import METRICS
from snakeroot.evaluate.representations import Representations
from snakeroot.evaluate.resampling import Floats, Integers, measured, plain, resamplings
from snakeroot.evaluate.sources import Sources
from snakeroot.networks.inputs import Input
from snakeroot.networks.rows import matrix

REPLICAS_ADD_UP = False
BETTER: dict[str, int] = {}
MOST = 2000
"""Rows that the silhouette is of: its time and memory go with their square."""


@dataclass(frozen=True)
class Rows:
    """What is measured of a split.

    Attributes:
        encoded: what the networks say.
        clusters: whether the coordinates are memberships of clusters.
        spread: mean square of a row's scaled inputs, (n,): its error if it were described by the mean of all.
        chosen: some rows of the first fold, (m,), and their scaled inputs, (m, size of the inputs).
    """

    encoded: Representations
    clusters: bool
    spread: Floats
    chosen: NDArray[np.intp]
    inputs: Floats

    @property
    def replicas(self) -> list[Floats]:
        """One item for each replica."""
        return self.encoded.errors


def read(path: Path, split: str, model: Measured, settings: Metrics, sources: Sources) -> Rows:
    """Read a split, and the scaled inputs of its rows."""
    encoded = representations.read(path, split, model.name)
    of_first = encoded.of_first()
    random = np.random.default_rng(settings.seed)
    chosen = np.sort(random.choice(of_first, min(MOST, len(of_first)), replace=False))
    place = np.full(len(encoded.sample), -1)
    place[chosen] = np.arange(len(chosen))
    spread, inputs = np.empty(len(encoded.sample)), np.empty((len(chosen), sum(one.size for one in model.inputs)))
    scalings = [scaling(read_json(scales), model.inputs) for scales in sources.scalings]
    for positions, table in join(path, sources.features, [one.name for one in model.inputs]):
        rows = matrix(table, model.inputs).astype(np.float64)
        for fold, (mean, deviation, median) in enumerate(scalings):
            own = encoded.fold[positions] == fold
            rows[own] = (np.where(np.isnan(rows[own]), median, rows[own]) - mean) / deviation
        spread[positions] = np.mean(rows**2, axis=1)
        drawn = place[positions] >= 0
        inputs[place[positions][drawn]] = rows[drawn]
    return Rows(encoded, model.clusters, spread, chosen, inputs)


def scaling(known: Mapping[str, Any], inputs: Sequence[Input]) -> tuple[Floats, Floats, Floats]:
    """Return mean, standard deviation and median of each number of a row of inputs, as the network has them.

    The median is NaN where nothing may be missing.
    """
    every = (("mean", 0.0), ("standard_deviation", 1.0), ("median", np.nan))
    of_inputs = [(one, {"median": [np.nan] * len(one.channels)} | known[one.name]) for one in inputs]
    mean, deviation, median = (
        np.array([value for one, statistics in of_inputs for value in one.spread(statistics[key], marks)])
        for key, marks in every
    )
    return mean, deviation, median


def of_task(files: Mapping[str, Path], settings: Metrics, sources: Sources) -> dict[str, Any]:
    """Return nothing: all that there is, is of a model."""
    del files, settings, sources
    return {}


def of_model(splits: Mapping[str, Rows], settings: Metrics) -> dict[str, Any]:
    """Return the metrics of one model by split, with the same for unit weights under "unweighted".

    The silhouette knows no weights, and is the same in both.
    """
    metrics = {}
    for name, split in splits.items():
        resampled = [descriptions(split, replica) for replica in range(len(split.replicas))]
        others = [partial(constant, {"silhouette": silhouette(split, replica)}) for replica in range(len(resampled))]
        of_weights = []
        for weight in (split.encoded.weight, np.ones_like(split.encoded.weight)):
            factors = resamplings(split.encoded.event, settings.bootstrap, settings.seed)
            of_weights.append(plain(measured(resampled, others, weight, factors)))
        metrics[name] = {**remarked(of_weights[0], split.encoded.weight, METRICS), "unweighted": of_weights[1]}
    return metrics


def constant(metrics: dict[str, float], weight: Floats) -> dict[str, float]:
    """Return what does not depend on weights."""
    del weight
    return metrics


def descriptions(split: Rows, replica: int) -> Callable[[Floats], dict[str, float]]:
    """Return the measure of a replica: mean error; of coordinates the explained variance, of clusters the agreement.

    The explained variance is 1 - mean error / mean square of the scaled inputs.
    """
    encoded, error, coordinates = split.encoded, split.encoded.errors[replica], split.encoded.coordinates[replica]
    folds = [encoded.fold == fold for fold in np.unique(encoded.fold)]

    def measure(weight: Floats) -> dict[str, float]:
        total = weight.sum() if add_up(weight) else np.nan
        # not `@`: a product's last bits depend on the number of threads
        lost, there = ((values * weight).sum() for values in (error, split.spread))
        mean = float(lost / total)
        if not split.clusters:
            known = positive(there, (split.spread * np.abs(weight)).sum()) and total > 0
            return {"error": mean, "explained_variance": float(1 - lost / there) if known else np.nan}
        cluster = coordinates.argmax(axis=1)
        of_folds = [
            agreement(cluster[rows], encoded.sample[rows], weight[rows], len(encoded.samples)) for rows in folds
        ]
        return {"error": mean} | {name: float(np.mean([one[name] for one in of_folds])) for name in of_folds[0]}

    return measure


def agreement(cluster: Integers, sample: Integers, weight: Floats, samples: int) -> dict[str, float]:
    """Return how far clusters (n,) agree with samples (n,), for equal totals of the samples.

    Purity is the share of the weight that is in clusters' most frequent samples. The adjusted Rand index
    (L. Hubert, P. Arabie, J. Classif. 2 (1985) 193) counts pairs of rows; a pair counts as the product of its weights,
    which for unit weights is the index as it is known. Both are NaN if a sample weighs nothing; the index, if there are
    no pairs.
    """
    if not all(add_up(weight[sample == number]) for number in range(samples)):
        return {"adjusted_rand": np.nan, "purity": np.nan}
    balanced = equal_classes(sample, weight, samples)
    places, shape = cluster * samples + sample, (-1, samples)
    size = (cluster.max() + 1) * samples
    sums, squares = (np.bincount(places, values, size).reshape(shape) for values in (balanced, balanced**2))

    def pairs(axis: int | tuple[int, ...]) -> float:
        return float(np.sum(sums.sum(axis=axis) ** 2 - squares.sum(axis=axis)) / 2)

    together, by_cluster, by_sample, total = pairs(()), pairs(1), pairs(0), pairs((0, 1))
    purity = float(sums.max(axis=1).sum())
    if not positive(total, 1.0):  # of weights that add up to 1
        return {"adjusted_rand": np.nan, "purity": purity}
    expected, most = by_cluster * by_sample / total, (by_cluster + by_sample) / 2
    rand = (together - expected) / (most - expected) if most != expected else 1.0
    return {"adjusted_rand": rand, "purity": purity}


def silhouette(split: Rows, replica: int) -> float:
    """Return how clear the groups of some rows of the first fold are, from -1 to 1: clusters in the space of the scaled
    inputs, or samples in that of the coordinates. NaN if there is only one group, or each row is one.
    """
    coordinates = split.encoded.coordinates[replica][split.chosen]
    space, groups = split.inputs, coordinates.argmax(axis=1) if split.clusters else split.encoded.sample[split.chosen]
    if not split.clusters:
        space = coordinates
    if not 1 < len(np.unique(groups)) < len(groups):
        return float("nan")
    with threadpool_limits(1):  # a matrix product's last bits depend on the number of threads
        return float(silhouette_score(space, groups))
