"""What scikit-learn fits instead of gradients, behind the same stage; its numbers are buffers of a torch module.

An architecture of this kind has, beside `build`, a function `fit(settings, training, problem)` which returns a `Fit`,
and `USES`: the settings of the training that mean something for it.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from threadpoolctl import threadpool_limits
from torch import nn

from snakeroot.architectures import ARCHITECTURES
from snakeroot.errors import SnakerootError
from snakeroot.objective import Objective
from snakeroot.train.data import Data
from snakeroot.train.parallel import ALONE, CPU
from snakeroot.train.results import Result, parameters, write
from snakeroot.train.settings import TrainSettings
from snakeroot.train.setup import Files, prepare
from snakeroot.train.sources import Resident


class Problem(NamedTuple):
    """What is to be fitted: rows in float64, on the CPU."""

    train: Data
    validation: Data
    objective: Objective
    seed: int


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


def is_fitted(architecture: str) -> bool:
    """Whether an architecture is fitted, not trained."""
    return hasattr(ARCHITECTURES.load(architecture), "fit")


def work(settings: TrainSettings, files: Files) -> None:
    """Fit, on the CPU and with all rows in memory, and write the result."""
    torch.set_num_threads(settings.training.threads)
    network, objective, tables = prepare(settings, files, torch.float64)
    train, validation = (Resident.load(table, 1, ALONE, CPU).data for table in tables)
    logging.info("%d + %d events", len(train.target), len(validation.target))
    module = ARCHITECTURES.load(settings.architecture)
    with threadpool_limits(settings.training.threads):
        problem = Problem(train, validation, objective, settings.seed % 2**32)
        found: Fit = module.fit(module.Architecture(**settings.settings), settings.training, problem)
    network.layers = found.layers
    history = [row(number, *pair, objective) for number, pair in enumerate(found.history, 1)]
    logging.info("%d numbers; step %d of %d; ended by %s", parameters(network), found.best, len(history), found.ended)
    write(Result(network, objective, network.state_dict(), history, found.best, found.ended), settings, files)


def row(epoch: int, train: list[float], validation: list[float], objective: Objective) -> dict[str, float]:
    """Return a row of the history."""
    names = [f"{split}_{name}" for split in ("train", "validation") for name in objective.metrics]
    return {"epoch": epoch, **dict(zip(names, [*train, *validation], strict=True))}


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
