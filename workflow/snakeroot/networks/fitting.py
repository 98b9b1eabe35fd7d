"""What is fitted by scikit-learn instead of gradients; its numbers are buffers of a torch module.

An architecture of this kind has, beside `build`, a function `fit(settings, training, problem)` which returns a `Fit`,
and `USES`: the settings of the training that mean something for it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, Protocol

import torch
from torch import nn

from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import Metric
from snakeroot.networks.objectives import Loss
from snakeroot.networks.objectives._objective import Objective
from snakeroot.networks.tensors import Data


class Training(Protocol):
    """What a fit may ask of the settings of its training."""

    @property
    def max_epochs(self) -> int:
        """The most steps."""

    @property
    def patience(self) -> int:
        """Steps without a better one after which it ends."""

    @property
    def loss(self) -> Loss:
        """Of a regression."""

    @property
    def monitor(self) -> Metric:
        """What decides which step is best."""


class Problem(NamedTuple):
    """What is to be fitted: rows in float64, on the CPU, of these inputs."""

    train: Data
    validation: Data
    objective: Objective
    seed: int
    inputs: Sequence[Input]


class Fit(NamedTuple):
    """What came of it.

    Attributes:
        layers: with the numbers of the best step in them.
        history: the metrics of each step, as (train, validation).
        best: number of the best step, from 1.
        ended: why there are no more steps.
    """

    layers: nn.Module
    history: list[tuple[list[float], list[float]]]
    best: int
    ended: str


@torch.no_grad()
def measured(layers: nn.Module, problem: Problem) -> tuple[list[float], list[float]]:
    """Return the metrics of both splits."""
    splits = problem.train, problem.validation
    train, validation = (problem.objective.measure(layers(d.features), d.target, d.weight).tolist() for d in splits)
    return train, validation


def refuse_few(rows: int, needed: int, setting: str) -> None:
    """Raise a SnakerootError, before scikit-learn does, if there are fewer rows than a setting takes."""
    if rows < needed:
        raise SnakerootError(
            f"{setting} takes {needed} rows or more, and the train split has {rows}: make it smaller, or add events"
        )


@contextmanager
def converging() -> Iterator[None]:
    """Leave it to `Fit.ended` to say that something has not converged."""
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 - a second that other trainings do not need

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
