"""The training loop: for each epoch, for each batch, loss, backward, step; validate; keep the best; stop when stale."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils import get_total_norm

from snakeroot.errors import SnakerootError
from snakeroot.network import Network
from snakeroot.train.data import Data
from snakeroot.train.interruption import Watch
from snakeroot.train.metrics import Metrics, measure
from snakeroot.train.settings import Training
from snakeroot.train.state import Progress, State, snapshot


class DivergedError(Exception):
    """The loss is no longer a number; the message says where, and what usually helps."""


def fit(
    state: State, train: Data, validation: Data, training: Training, watch: Watch, report: Callable[[State], None]
) -> str:
    """Train until no better epoch has come for `patience` epochs, restore the best one, and return why it ended.

    Train loss, accuracy and AUC are those of the batches as they were trained on, dropout included; validation is
    scored after the epoch, dropout off. The gradient's norm is that of the epoch's last step. A training that diverges
    ends there and keeps its best epoch.

    Raises:
        SnakerootError: if it diverges in its first epoch: there is nothing to keep.
        SystemExit: if the job was told to go; its checkpoint is then written.
    """
    ended = "max_epochs"
    while state.epoch < training.max_epochs:
        if state.epoch - state.best_epoch >= training.patience:  # asked first: a restored state may be stale
            ended = "patience"
            break
        try:
            state.history.append(one_epoch(state, train, validation, training, watch))
        except DivergedError as error:
            if not state.best_epoch:
                raise SnakerootError(str(error)) from error
            ended = str(error)
            break
        state.progress = None
        keep_best(state, training)
        report(state)
        watch.after_step()
    state.network.load_state_dict(state.best)
    return ended


def one_epoch(state: State, train: Data, validation: Data, training: Training, watch: Watch) -> dict[str, float]:
    """Train on all batches, validate, and return the epoch's row of the history."""
    seen, gradient = train_epoch(state, train, training, watch)
    checked = score(state.network, validation)
    if not math.isfinite(checked.loss):
        raise diverged(state, "after its last batch", training)
    return {
        "epoch": state.epoch + 1,
        "learning_rate": float(state.optimizer.param_groups[0]["lr"]),
        "gradient_norm": gradient,
        **{f"train_{name}": value for name, value in seen._asdict().items()},
        **{f"validation_{name}": value for name, value in checked._asdict().items()},
    }


def keep_best(state: State, training: Training) -> None:
    """Copy the weights if the epoch just done is the best on validation."""
    row = state.history[-1]
    value = row["validation_loss"] if training.monitor == "loss" else -row["validation_auc"]
    if value < state.best_value:
        state.best, state.best_value, state.best_epoch = snapshot(state.network), value, state.epoch


def train_epoch(state: State, data: Data, training: Training, watch: Watch) -> tuple[Metrics, float]:
    """Take one pass over the data in a new random order, or the rest of the one that was begun.

    Returns the metrics of the batches as they were trained on, and the norm of the last one's gradient.
    """
    network, optimizer = state.network.train(), state.optimizer
    rows, size = len(data.target), training.batch_size
    if state.progress is None:
        order = torch.randperm(rows, generator=state.shuffling)
        state.progress = Progress(order, torch.empty(rows))
    progress = state.progress
    shuffled = Data(*(column[progress.order] for column in data))
    for first in range(progress.batch * size, rows, size):
        batch = slice(first, first + size)
        logits = network(shuffled.features[batch]).squeeze(1)
        loss = binary_cross_entropy_with_logits(logits, shuffled.target[batch], shuffled.weight[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        progress.logits[batch] = logits.detach()
        progress.batch += 1
        if first + size >= rows:
            progress.gradient = get_total_norm([p.grad for p in network.parameters() if p.grad is not None]).item()
        watch.after_step()
    finite = torch.isfinite(progress.logits)
    if not finite.all():
        raise diverged(state, f"from batch {int(finite.logical_not().nonzero()[0]) // size + 1} on", training)
    return measure(progress.logits, shuffled.target, shuffled.weight), progress.gradient


@torch.no_grad()
def score(network: Network, data: Data) -> Metrics:
    """Measure the network as it is, dropout off."""
    return measure(network.eval()(data.features).squeeze(1), data.target, data.weight)


def diverged(state: State, where: str, training: Training) -> DivergedError:
    """Say where the loss was lost, and what usually helps."""
    return DivergedError(
        f"the loss is not a number in epoch {state.epoch + 1}, {where}, at a learning rate of "
        f"{training.learning_rate:g}: lower training.learning_rate; else look for features with huge values"
    )
