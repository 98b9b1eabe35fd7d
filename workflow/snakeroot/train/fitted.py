"""What is fitted without gradients, behind the same stage: see snakeroot.networks.fitting."""

from __future__ import annotations

import logging

import torch
from threadpoolctl import threadpool_limits

from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.fitting import Fit, Problem
from snakeroot.networks.objectives._objective import Objective
from snakeroot.train.parallel import ALONE, CPU
from snakeroot.train.results import Result, parameters, write
from snakeroot.train.settings import TrainSettings
from snakeroot.train.setup import Files, prepare
from snakeroot.train.sources import Resident


def is_fitted(architecture: str) -> bool:
    """Whether an architecture is fitted, not trained."""
    return hasattr(ARCHITECTURES.load(architecture), "fit")


def work(settings: TrainSettings, files: Files) -> None:
    """Fit, on the CPU and with all rows in memory, and write the result."""
    torch.set_num_threads(settings.training.threads)
    network, objective, tables, _ = prepare(settings, files, torch.float64)
    train, validation = (Resident.load(table, 1, ALONE, CPU).data for table in tables)
    logging.info("%d + %d events", len(train.target), len(validation.target))
    module = ARCHITECTURES.load(settings.architecture)
    with threadpool_limits(settings.training.threads):
        problem = Problem(train, validation, objective, settings.seed % 2**32, settings.inputs)
        fit: Fit = module.fit(module.Architecture(**settings.settings), settings.training, problem)
    network.layers = fit.layers
    history = [row(number, *pair, objective) for number, pair in enumerate(fit.history, 1)]
    logging.info("%d numbers; step %d of %d; ended by %s", parameters(network), fit.best, len(history), fit.ended)
    write(Result(network, objective, network.state_dict(), history, fit.best, fit.ended), settings, files)


def row(epoch: int, train: list[float], validation: list[float], objective: Objective) -> dict[str, float]:
    """Return a row of the history."""
    names = [f"{split}_{name}" for split in ("train", "validation") for name in objective.metrics]
    return {"epoch": epoch, **dict(zip(names, [*train, *validation], strict=True))}
