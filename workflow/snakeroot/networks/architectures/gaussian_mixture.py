"""A mixture of Gaussians: clusters as ellipsoids, and a density of the scaled features."""

from __future__ import annotations

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
    """Settings of the mixture."""

    clusters: int = Field(3, ge=2, le=1000, description="Gaussians")
    starts: int = Field(3, ge=1, le=1000, description="random beginnings, of which the best result is kept")
    regularisation: float = Field(1e-6, ge=0, description="added to the variances, so that none collapses")


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, inputs) to (n, 1 + clusters): -log(density), and the clusters' probabilities."""
    from snakeroot.networks.layers.mixtures import GaussianMixture

    del outputs
    return GaussianMixture(size(inputs), settings.clusters)


def fit(settings: Architecture, training: Training, problem: Problem) -> Fit:
    """Maximise the likelihood of the train split by expectation and maximisation.

    Raises:
        SnakerootError: if there are fewer rows than clusters, or a cluster has no extension.
    """
    import torch
    from sklearn import mixture

    from snakeroot.networks.fitting import Fit, converging, measured, refuse_few
    from snakeroot.networks.layers.mixtures import GaussianMixture

    rows = problem.train.features.numpy()
    refuse_few(len(rows), settings.clusters, f"clusters: {settings.clusters}")
    model = mixture.GaussianMixture(
        settings.clusters,
        n_init=settings.starts,
        max_iter=training.max_epochs,
        reg_covar=settings.regularisation,
        random_state=problem.seed,
    )
    try:
        with converging():
            model.fit(rows)
    except ValueError as error:
        if "ill-defined empirical covariance" not in str(error):
            raise
        raise SnakerootError(
            f"regularisation: {settings.regularisation:g} is too little for clusters of rows that hardly differ: make "
            "it larger, or take fewer clusters"
        ) from error
    layers = GaussianMixture(rows.shape[1], settings.clusters)
    layers.share, layers.centres = torch.from_numpy(model.weights_), torch.from_numpy(model.means_)
    layers.whitening = torch.from_numpy(model.precisions_cholesky_)
    return Fit(layers, [measured(layers, problem)], 1, "converged" if model.converged_ else "max_epochs")
