"""All that a training is at one moment."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grad_norm_

from snakeroot.errors import SnakerootError
from snakeroot.networks.network import Network
from snakeroot.networks.objectives._objective import Objective
from snakeroot.train.optimizers import Schedule, bare_step, make_optimizer
from snakeroot.train.parallel import ALONE, CPU, Share
from snakeroot.train.settings import Precision, Training

MIXED = {"bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass
class Progress:
    """How far an epoch has come.

    Attributes:
        seed: of the epoch's order of rows.
        batch: batches done.
        outputs: of this process's rows that were trained on, in that order; each (rows, outputs).
        gradient: norm of the last batch's gradient, once it is done.
        rates: learning rate of each batch.
    """

    seed: int
    batch: int = 0
    outputs: list[Tensor] = field(default_factory=list)
    gradient: Tensor = field(default_factory=lambda: torch.zeros(()))
    rates: list[float] = field(default_factory=list)


@dataclass
class State:
    """A training between two steps; with torch's global random states (dropout), all that it goes on from.

    Attributes:
        network: the network itself.
        model: its layers as they are trained: compiled, or one of several processes'.
        objective: what they are trained for.
        device: where it is trained.
        share: this process among those that train it.
        settled: modules that stay in evaluation mode.
    """

    network: Network
    model: Callable[[Tensor], Tensor]
    objective: Objective
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    scaler: GradScaler
    shuffling: torch.Generator
    device: torch.device
    share: Share
    best: dict[str, Tensor]
    best_epoch: int = 0
    best_value: float = math.inf
    history: list[dict[str, float]] = field(default_factory=list)
    progress: Progress | None = None
    settled: Sequence[nn.Module] = ()

    @property
    def epoch(self) -> int:
        """Epochs done."""
        return len(self.history)


def configure(training: Training) -> None:
    """Set up torch for a training: the same bytes in every run, and no thread more than asked for."""
    torch.set_num_threads(training.threads)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms(True), without importing the compiler
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # each is filled by us
    torch.backends.cudnn.allow_tf32 = False  # a GPU is to compute what a CPU does, as nearly as it can
    torch.autograd.set_detect_anomaly(training.anomaly)


def start(
    network: Network,
    objective: Objective,
    training: Training,
    seed: int,
    rows: int,
    device: torch.device = CPU,
    share: Share = ALONE,
    groups: Sequence[dict[str, Any]] = (),
    settled: Sequence[nn.Module] = (),
) -> State:
    """Return the state before the first step of a training on so many rows; the network moves to the device.

    Args:
        groups: parameters that are trained, as torch's optimizers take them; by default all, alike.
        settled: modules that stay in evaluation mode.
    """
    network.to(device=device, dtype=dtype(training.precision))
    optimizer = make_optimizer(training, groups or [{"params": list(network.parameters())}])
    model = trained(network, training, share, device)
    if not share.alone:
        settle(model, network)
        torch.manual_seed(seed + share.rank)  # each process drops out other units
    return State(
        network,
        model,
        objective,
        optimizer,
        Schedule(training, optimizer, math.ceil(rows / training.batch_size)),
        GradScaler(device.type, enabled=training.precision == "float16"),
        torch.Generator().manual_seed(seed),
        device,
        share,
        snapshot(network),
        settled=settled,
    )


def trained(network: Network, training: Training, share: Share, device: torch.device) -> nn.Module:
    """Return the network's layers as they are called in training."""
    layers: nn.Module = network.layers
    if not share.alone:
        layers = DistributedDataParallel(layers, device_ids=[device] if device.type == "cuda" else None)
    if training.compile:
        if not any(map(shutil.which, ("g++", "clang++", "c++"))):
            raise SnakerootError("training.compile needs a C++ compiler, such as g++, and there is none: install one")
        return cast(nn.Module, torch.compile(layers, mode=training.compile))
    return layers


def settle(model: nn.Module, network: Network) -> None:
    """Let the processes exchange gradients once, without a trace.

    DistributedDataParallel orders them anew after its first step, and sums in that order from then on; a training that
    is resumed must not begin with the other order.
    """
    before = snapshot(network)
    model(torch.zeros_like(network.mean).expand(2, -1)).sum().backward()
    network.zero_grad()
    network.load_state_dict(before)


def stepper(state: State, training: Training) -> Callable[[Tensor], None]:
    """Return what to do with a loss: penalties of the weights, gradients, and a step of the optimizer."""
    bare, optimizer, scaler = bare_step(state.optimizer), state.optimizer, state.scaler
    parameters = [parameter for parameter in state.network.parameters() if parameter.requires_grad]
    clip = training.gradient_clipping

    def penalised(loss: Tensor) -> Tensor:
        if training.l1:
            loss = loss + training.l1 * torch.stack([parameter.abs().sum() for parameter in parameters]).sum()
        if training.l2:
            loss = loss + training.l2 * torch.stack([parameter.square().sum() for parameter in parameters]).sum()
        return loss

    def step(loss: Tensor) -> None:
        for parameter in parameters:  # as optimizer.zero_grad() does, without its hook for the profiler
            parameter.grad = None
        if scaler.is_enabled():
            scaler.scale(penalised(loss)).backward()  # type: ignore[no-untyped-call]
            if clip:
                scaler.unscale_(optimizer)
                clip_grad_norm_(parameters, clip)
            scaler.step(optimizer)
            scaler.update()
        else:
            penalised(loss).backward()  # type: ignore[no-untyped-call]
            if clip:
                clip_grad_norm_(parameters, clip)
            with torch.no_grad():
                bare()

    return step


def dtype(precision: Precision) -> torch.dtype:
    """Return the type of the weights and rows."""
    return torch.float64 if precision == "float64" else torch.float32


def autocast(precision: Precision, device: torch.device) -> Callable[[], AbstractContextManager[object]]:
    """Return what to enter around each call of the network."""
    if precision in MIXED:
        return lambda: torch.autocast(device.type, MIXED[precision])
    return nullcontext


def random_states(device: torch.device) -> dict[str, Tensor]:
    """Return torch's global random states: of the CPU, and of the GPU in use."""
    states = {"cpu": torch.get_rng_state()}
    return states | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def set_random_states(states: dict[str, Tensor], device: torch.device) -> None:
    """Put back what `random_states` returned."""
    torch.set_rng_state(states["cpu"])
    if device.type == "cuda" and "cuda" in states:  # a training may go on from what a CPU has left
        torch.cuda.set_rng_state(states["cuda"], device)


def snapshot(network: Network) -> dict[str, Tensor]:
    """Return a copy of the weights that further training leaves alone."""
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
