"""The training loop: for each epoch, for each batch, loss, backward, step; validate; keep the best; stop when stale."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils import get_total_norm

from snakeroot.errors import SnakerootError
from snakeroot.networks.metrics import maximised
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import unmonitored
from snakeroot.networks.objectives._objective import Objective
from snakeroot.train import decorrelation
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.parallel import ALONE, Share, agree, gather
from snakeroot.train.settings import Training
from snakeroot.train.sources import Source
from snakeroot.train.state import Progress, State, autocast, snapshot, stepper

RUNG = "rung"
"""What `fit` says of a training that stopped before its end, to be gone on with."""


class DivergedError(Exception):
    """The loss is no longer a number; the message says where, and what usually helps."""


def fit(
    state: State,
    train: Source,
    validation: Source,
    training: Training,
    timer: CheckpointTimer,
    report: Callable[[State], None],
    until: int | None = None,
) -> str:
    """Train until no better epoch has come for `patience` epochs, restore the best one, and return why it ended.

    If it has not ended after `until` epochs, it stops there and returns "rung", its weights being those of the last
    epoch: the state is one to go on from. The learning rate follows max_epochs all the same.

    Train metrics are those of the batches as they were trained on, dropout included; validation is
    scored after the epoch, dropout off. Gradient norm and learning rate are those of the epoch's last step (in float16
    the norm is not finite where the scaler left that step out). A training that diverges ends there and keeps its best
    epoch. An epoch whose monitored value is not a number is never the best.

    Raises:
        SnakerootError: if it diverges, or ends, before any epoch was the best: there is nothing to keep.
        SystemExit: if the job was told to go; its checkpoint is then written.
    """
    ended = "max_epochs"
    while state.epoch < training.max_epochs:
        if state.epoch - state.best_epoch >= training.patience:  # asked first: a restored state may be stale
            ended = "patience"
            break
        if state.epoch == until:
            ended = RUNG
            break
        try:
            state.history.append(one_epoch(state, train, validation, training, timer))
        except DivergedError as error:
            if not state.best_epoch:
                raise SnakerootError(str(error)) from error
            ended = str(error)
            break
        state.progress = None
        state.schedule.after_epoch(keep_best(state, training))
        report(state)
        timer.after_epoch(state.epoch)
    if not state.best_epoch:
        raise SnakerootError(unmonitored(training.monitor, state.epoch))
    if ended == RUNG:
        return RUNG
    state.network.load_state_dict(state.best)
    return ended


def one_epoch(
    state: State, train: Source, validation: Source, training: Training, timer: CheckpointTimer
) -> dict[str, float]:
    """Train on all batches, validate, and return the epoch's row of the history: one transfer from the device."""
    if state.progress is None:
        state.progress = Progress(int(torch.randint(2**62, (), generator=state.shuffling)))
    seen, valid = train_epoch(state, state.progress, train, training, timer)
    checked = score(state.network, state.objective, validation, state.share, training.decorrelate is not None)
    norm = state.progress.gradient.double()  # of gradients that the scaler, if any, has scaled back
    numbers = agree(torch.cat([torch.stack([-valid, norm]), seen, checked]).tolist(), state.share, state.device)
    fine, gradient, *values = numbers
    if -fine < state.progress.batch:
        raise diverged(state, f"from batch {1 - fine:.0f} on", state.progress.rates[int(-fine)])
    names = [f"{split}_{name}" for split in ("train", "validation") for name in state.objective.metrics]
    names += [f"validation_{decorrelation.COLUMN}"] if training.decorrelate else []
    measured = dict(zip(names, values, strict=True))
    if not math.isfinite(measured["validation_loss"]):
        raise diverged(state, "after its last batch", state.progress.rates[-1])
    return {
        "epoch": state.epoch + 1,
        "learning_rate": state.progress.rates[-1],
        "gradient_norm": gradient,
        **measured,
    }


def keep_best(state: State, training: Training) -> float:
    """Copy the weights if the epoch just done is the best on validation, and return its value: less is better.

    A value that is not finite is NaN, which is less than none. The loss that is monitored is all that is trained for:
    that of other targets is in it, and the penalty of a decorrelation, or the best epoch would be one of before it.
    """
    measured = state.history[-1][f"validation_{training.monitor}"]
    if training.monitor == "loss":
        measured += state.objective.beside(state.history[-1], "validation")
    if training.decorrelate and training.monitor == "loss":
        dependence = state.history[-1][f"validation_{decorrelation.COLUMN}"]
        measured += training.decorrelate.strength * dependence**training.decorrelate.exponent
    value = measured * (-1 if maximised(training.monitor) else 1) if math.isfinite(measured) else math.nan
    if value < state.best_value:
        state.best, state.best_value, state.best_epoch = snapshot(state.network), value, state.epoch
    return value


def train_epoch(
    state: State, progress: Progress, source: Source, training: Training, timer: CheckpointTimer
) -> tuple[Tensor, Tensor]:
    """Take one pass over the rows, or the rest of the one that was begun.

    Returns the metrics, float64, and how many batches there are before the first whose outputs are not numbers.
    """
    network, model, share = state.network.train(), state.model, state.share
    for module in state.settled:
        module.eval()
    precision, step = autocast(training.precision, state.device), stepper(state, training)
    last, number = math.ceil(source.rows / training.batch_size), 0
    targets, weights = [], []
    for window in source.shuffled(progress.seed, training.batch_size):
        targets.append(window.data.target)
        weights.append(window.data.weight)
        batches = (torch.split(column, window.own) for column in window.data)
        for features, target, weight, protected, rows in zip(*batches, window.all, strict=True):
            number += 1
            if number <= progress.batch:  # done before the job was killed
                continue
            with precision():
                outputs = model(features)
            loss = loss_of(state.objective, outputs.to(target.dtype), target, weight, rows, share)
            if training.decorrelate:
                batch = (outputs.to(target.dtype), target, weight, protected)
                loss = loss + decorrelation.penalty(training.decorrelate, *batch, share)
            try:
                step(loss)
            except RuntimeError as error:
                raise anomaly(state, number, error) from error
            # a copy where CUDA graphs use the memory of their results again
            progress.outputs.append(outputs.detach().to(target.dtype, copy=training.compile is not None))
            progress.rates.append(float(state.optimizer.param_groups[0]["lr"]))
            progress.batch = number
            if number == last:
                progress.gradient = get_total_norm([p.grad for p in network.parameters() if p.grad is not None])
            state.schedule.after_batch()
            timer.after_step()
    finite = torch.stack([torch.isfinite(outputs).all() for outputs in progress.outputs])
    measured = together(state.objective, [progress.outputs, targets, weights], share)
    return measured, finite.long().cumprod(0).sum().double()


def loss_of(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor, rows: int, share: Share) -> Tensor:
    """Return the mean loss of a batch of so many rows, of which these are this process's.

    Gradients are averaged over the processes; so that they are those of the whole batch, each process's sum is divided
    by the rows of all, and multiplied by the number of processes.
    """
    if share.alone:
        return objective.loss(outputs, target, weight)
    return objective.loss(outputs, target, weight, "sum") * (share.ranks / rows)


@torch.no_grad()
def score(
    network: Network, objective: Objective, source: Source, share: Share = ALONE, decorrelated: bool = False
) -> Tensor:
    """Measure the network as it is, dropout off: float64 metrics of the objective and, if asked for, dependence."""
    layers = network.eval().layers
    batches = [(layers(data.features), *data[1:]) for data in source.in_order()]
    outputs, target, weight, protected = (list(parts) for parts in zip(*batches, strict=True))
    if not decorrelated:
        return together(objective, [outputs, target, weight], share)
    columns = (torch.cat(gather(torch.cat(parts), share)) for parts in (outputs, target, weight, protected))
    dependence = decorrelation.measured(*columns)
    return torch.cat([together(objective, [outputs, target, weight], share), dependence])


def together(objective: Objective, columns: list[list[Tensor]], share: Share) -> Tensor:
    """Return the metrics of outputs, targets and weights, each in parts, of all processes; the parts are used up."""
    gathered = (gather(joined(parts), share) for parts in columns)
    return objective.measure(*(parts[0] if share.alone else torch.cat(parts) for parts in gathered))


def joined(parts: list[Tensor]) -> Tensor:
    """Return the parts as one, having them in memory twice for no more than a moment: they leave the list."""
    whole = parts[0].new_empty(sum(map(len, parts)), *parts[0].shape[1:])
    end = len(whole)
    while parts:
        part = parts.pop()
        whole[end - len(part) : end] = part
        end -= len(part)
    return whole


def diverged(state: State, where: str, rate: float) -> DivergedError:
    """Say where the loss was lost, and what usually helps."""
    return DivergedError(
        f"the loss is not a number in epoch {state.epoch + 1}, {where}, at a learning rate of {rate:g}: lower "
        "training.learning_rate; else look for features with huge values. training.anomaly names the operation"
    )


def anomaly(state: State, number: int, error: RuntimeError) -> Exception:
    """Return what an error of a step means: torch's anomaly mode has found NaN, or something else is wrong."""
    if "returned nan values" not in str(error):
        return error
    rate = state.optimizer.param_groups[0]["lr"]
    divergence = diverged(state, f"in batch {number} ({str(error).splitlines()[0]})", rate)
    return divergence if state.share.alone else SnakerootError(str(divergence))  # the other processes wait for this one
