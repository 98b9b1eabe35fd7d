"""The training loop: for each epoch, for each batch, loss, backward, step; validate; keep the best; stop when stale."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from snakeroot.errors import SnakerootError
from snakeroot.network import Network
from snakeroot.train.data import Data
from snakeroot.train.metrics import Metrics, measure
from snakeroot.train.optimizers import make_optimizer
from snakeroot.train.settings import Training


@dataclass
class State:
    """All that a training is, between two epochs: enough to go on from, beside torch's global random state."""

    network: Network
    optimizer: torch.optim.Optimizer
    shuffling: torch.Generator
    best: dict[str, Tensor]
    best_epoch: int = 0
    best_value: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)


def start(network: Network, training: Training, seed: int) -> State:
    """Return the state before the first epoch."""
    return State(
        network,
        make_optimizer(training, network.parameters()),
        torch.Generator().manual_seed(seed),
        snapshot(network),
    )


def fit(state: State, train: Data, validation: Data, training: Training, after_epoch: Callable[[State], None]) -> State:
    """Train until no better epoch has come for `patience` epochs, then restore the best one.

    Train loss, accuracy and AUC are those of the batches as they were trained on, dropout included; validation is
    scored after the epoch, dropout off.

    Raises:
        SnakerootError: if the loss is no longer a number.
    """
    network = state.network
    while state.epoch < training.max_epochs and state.epoch - state.best_epoch < training.patience:
        seen = train_epoch(state, train, training.batch_size)
        checked = score(network, validation)
        learning_rate = float(state.optimizer.param_groups[0]["lr"])
        if not (math.isfinite(seen.loss) and math.isfinite(checked.loss)):
            raise SnakerootError(
                f"the loss is {seen.loss} (validation {checked.loss}) in epoch {state.epoch + 1} at a learning rate of "
                f"{learning_rate:g}: lower training.learning_rate"
            )
        row = {"epoch": state.epoch + 1, "learning_rate": learning_rate}
        row |= {f"train_{name}": value for name, value in seen._asdict().items()}
        row |= {f"validation_{name}": value for name, value in checked._asdict().items()}
        state.history.append(row)
        value = checked.loss if training.monitor == "loss" else -checked.auc
        if value < state.best_value:
            state.best, state.best_value, state.best_epoch = snapshot(network), value, state.epoch
        after_epoch(state)
    network.load_state_dict(state.best)
    return state


def train_epoch(state: State, data: Data, batch_size: int) -> Metrics:
    """Take one pass over the data in a new random order."""
    network, optimizer = state.network.train(), state.optimizer
    order = torch.randperm(len(data.target), generator=state.shuffling)
    shuffled = Data(*(column[order] for column in data))
    logits = torch.empty_like(shuffled.target)
    for first in range(0, len(order), batch_size):
        batch = slice(first, first + batch_size)
        found = network(shuffled.features[batch]).squeeze(1)
        loss = binary_cross_entropy_with_logits(found, shuffled.target[batch], shuffled.weight[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        logits[batch] = found.detach()
    return measure(logits, shuffled.target, shuffled.weight)


@torch.no_grad()
def score(network: Network, data: Data) -> Metrics:
    """Measure the network as it is, dropout off."""
    logits = network.eval()(data.features).squeeze(1)
    return measure(logits, data.target, data.weight)


def snapshot(network: Network) -> dict[str, Tensor]:
    """Return a copy of the weights that further training leaves alone."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
