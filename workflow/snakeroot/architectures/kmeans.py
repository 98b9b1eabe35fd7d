"""k-means: clusters of rows around centres, by Euclidean distance in the scaled features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.inputs import Input, size
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from snakeroot.train.fitted import Fit, Problem
    from snakeroot.train.settings import Training

TAKES = ("scalar",)
LEARNS = ("unsupervised",)
CLUSTERS = True
USES = ("max_epochs", "threads")


class Architecture(Settings):
    """Settings of the clustering."""

    clusters: int = Field(3, ge=2, le=1000, description="centres")
    starts: int = Field(10, ge=1, le=1000, description="random beginnings, of which the best result is kept")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, inputs) to (n, 1 + clusters): squared distance, and 1 at the nearest centre."""
    from snakeroot.layers.mixtures import Centres  # noqa: PLC0415 - the config must not import torch

    del outputs
    return Centres(size(inputs), settings.clusters)


def fit(settings: Architecture, training: Training, problem: Problem) -> Fit:
    """Move the centres to the means of their clusters, until nothing changes or max_epochs is reached."""
    import torch  # noqa: PLC0415 - as above
    from sklearn.cluster import KMeans  # noqa: PLC0415 - as above

    from snakeroot.layers.mixtures import Centres  # noqa: PLC0415 - as above
    from snakeroot.train.fitted import Fit, measured  # noqa: PLC0415 - as above

    rows = problem.train.features.numpy()
    known = {"n_init": settings.starts, "max_iter": training.max_epochs, "random_state": problem.seed}
    found = KMeans(settings.clusters, **known).fit(rows)
    layers = Centres(rows.shape[1], settings.clusters)
    layers.centres = torch.from_numpy(found.cluster_centers_)
    ended = "max_epochs" if found.n_iter_ >= training.max_epochs else "converged"
    return Fit(layers, [measured(layers, problem)], 1, ended)
