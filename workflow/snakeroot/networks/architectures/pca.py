"""Principal component analysis: the linear projection that keeps most of the variance of the scaled features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot.networks.inputs import Input, size
from snakeroot.settings import Mistake, Settings, refuse

if TYPE_CHECKING:
    from torch import nn

    from snakeroot.networks.fitting import Fit, Problem, Training

TAKES = ("scalar",)
LEARNS = ("unsupervised",)
MISSING = "imputed"
USES = ("threads",)


class Architecture(Settings):
    """Settings of the projection."""

    components: int = Field(2, gt=0, description="coordinates that are kept, fewer than there are inputs")


def check(settings: Architecture, inputs: Sequence[Input]) -> Iterator[Mistake]:
    """Find that there are not more inputs than components."""
    if settings.components >= size(inputs):
        text = f"{settings.components} of {size(inputs)} inputs are all of them: take fewer"
        yield Mistake(("components",), text)


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, inputs) to (n, 1 + components): error and coordinates of each row.

    Raises:
        SnakerootError: if there are not more inputs than components.
    """
    from snakeroot.networks.layers.mixtures import PrincipalComponents

    del outputs
    refuse(check(settings, inputs))
    return PrincipalComponents(size(inputs), settings.components)


def fit(settings: Architecture, training: Training, problem: Problem) -> Fit:
    """Find the components of the train split.

    Raises:
        SnakerootError: if it has too few rows: n of them differ in n - 1 directions.
    """
    import torch
    from sklearn.decomposition import PCA

    from snakeroot.networks.fitting import Fit, measured, refuse_few
    from snakeroot.networks.layers.mixtures import PrincipalComponents

    del training
    refuse_few(len(problem.train.target), settings.components + 1, f"components: {settings.components}")
    fitted = PCA(settings.components, svd_solver="covariance_eigh").fit(problem.train.features.numpy())
    layers = PrincipalComponents(problem.train.features.shape[1], settings.components)
    layers.centre, layers.directions = torch.from_numpy(fitted.mean_), torch.from_numpy(fitted.components_)
    return Fit(layers, [measured(layers, problem)], 1, "fitted")
