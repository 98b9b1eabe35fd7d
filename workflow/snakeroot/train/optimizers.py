"""Optimizers by torch's names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from snakeroot.train.settings import Optimizer, Training

OPTIMIZERS: dict[Optimizer, type[torch.optim.Optimizer]] = {
    "adadelta": torch.optim.Adadelta,
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adamax": torch.optim.Adamax,
    "adamw": torch.optim.AdamW,
    "asgd": torch.optim.ASGD,
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop,
    "rprop": torch.optim.Rprop,
    "sgd": torch.optim.SGD,
}

FUSED: tuple[Optimizer, ...] = ("adagrad", "adam", "adamw", "sgd")
"""Those that torch can step with one call for all parameters, on CPU and GPU: about twice as fast for small nets."""


def make_optimizer(training: Training, parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    """Return the optimizer of the settings, its other options as torch has them by default."""
    options: dict[str, Any] = {"fused": True} if training.optimizer in FUSED else {}
    return OPTIMIZERS[training.optimizer](parameters, lr=training.learning_rate, **options)  # type: ignore[call-arg]
