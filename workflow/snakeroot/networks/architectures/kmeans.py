"""k-means: clusters of rows around centres, by Euclidean distance in the scaled features."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import Input, size
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from snakeroot.networks.fitting import Fit, Problem, Training

TAKES = ("scalar",)
LEARNS = ("unsupervised",)
MISSING = "imputed"
CLUSTERS = True
USES = ("max_epochs", "threads")


class Architecture(Settings):
    """Settings of the clustering."""

    clusters: int = Field(3, ge=2, le=1000, description="centres")
    starts: int = Field(10, ge=1, le=1000, description="random beginnings, of which the best result is kept")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, inputs) to (n, 1 + clusters): squared distance, and 1 at the nearest centre."""
    from snakeroot.networks.layers.mixtures import Centres

    del outputs
    return Centres(size(inputs), settings.clusters)


def fit(settings: Architecture, training: Training, problem: Problem) -> Fit:
    """Move the centres to the means of their clusters, until nothing changes or max_epochs is reached.

    Raises:
        SnakerootError: if there are fewer rows that differ than clusters.
    """
    import torch
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    from snakeroot.networks.fitting import Fit, measured, refuse_few
    from snakeroot.networks.layers.mixtures import Centres

    rows = problem.train.features.numpy()
    refuse_few(len(rows), settings.clusters, f"clusters: {settings.clusters}")
    known = {"n_init": settings.starts, "max_iter": training.max_epochs, "random_state": problem.seed}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)  # it has but this one cause
            fitted = KMeans(settings.clusters, **known).fit(rows)
    except ConvergenceWarning as error:
        raise SnakerootError(
            f"clusters: {settings.clusters} take as many rows that differ, and of the {len(rows)} rows of the train "
            "split fewer do: make it smaller"
        ) from error
    layers = Centres(rows.shape[1], settings.clusters)
    layers.centres = torch.from_numpy(fitted.cluster_centers_)
    ended = "max_epochs" if fitted.n_iter_ >= training.max_epochs else "converged"
    return Fit(layers, [measured(layers, problem)], 1, ended)
