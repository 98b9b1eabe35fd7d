"""All that a training is at one moment."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from snakeroot.network import Network
from snakeroot.train.optimizers import make_optimizer
from snakeroot.train.settings import Training


@dataclass
class Progress:
    """How far an epoch has come.

    Attributes:
        order: the epoch's order of rows, int64 (n,).
        logits: of the rows that were trained on, in that order, float32 (n,).
        batch: batches done.
        gradient: norm of the last batch's gradient, once it is done.
    """

    order: Tensor
    logits: Tensor
    batch: int = 0
    gradient: float = 0.0


@dataclass
class State:
    """A training between two steps; with torch's global random state (dropout), all that it goes on from."""

    network: Network
    optimizer: torch.optim.Optimizer
    shuffling: torch.Generator
    best: dict[str, Tensor]
    best_epoch: int = 0
    best_value: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)
    progress: Progress | None = None

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)


def start(network: Network, training: Training, seed: int) -> State:
    """Return the state before the first step."""
    shuffling = torch.Generator().manual_seed(seed)
    return State(network, make_optimizer(training, network.parameters()), shuffling, snapshot(network))


def snapshot(network: Network) -> dict[str, Tensor]:
    """Return a copy of the weights that further training leaves alone."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
