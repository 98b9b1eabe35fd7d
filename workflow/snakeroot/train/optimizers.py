"""Optimizers and schedules by torch's names, without what torch does around each step for others' sake."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.optim import Optimizer as TorchOptimizer
from torch.optim import lr_scheduler

from snakeroot.train import schedule_settings as settings
from snakeroot.train.optimizer_settings import options
from snakeroot.train.settings import Training

OPTIMIZERS: dict[str, type[TorchOptimizer]] = {
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

FUSED = ("adagrad", "adam", "adamw", "sgd")
"""Those that torch can step with one call for all parameters, on CPU and GPU: about twice as fast for small nets."""


def make_optimizer(training: Training, groups: Sequence[dict[str, Any]]) -> TorchOptimizer:
    """Return the optimizer of the settings, with options that they do not have as torch has them by default.

    A group of parameters may have a learning rate `lr` of its own, which the schedule changes by the same factors.
    """
    _without_dynamo()
    name = training.optimizer.name
    given: dict[str, Any] = options(training.optimizer) | ({"fused": True} if name in FUSED else {})
    return OPTIMIZERS[name](groups, lr=training.learning_rate, **given)  # type: ignore[call-arg]


def _without_dynamo() -> None:
    """Keep torch from importing its compiler, one second, to exempt an optimizer's methods from it.

    Nothing here compiles an optimizer. Each of these methods remembers what it is to call instead: itself, here.
    """
    for method in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        function = inspect.unwrap(getattr(TorchOptimizer, method))
        function.__dynamo_disable = function


def bare_step(optimizer: TorchOptimizer) -> Callable[[], None]:
    """Return the optimizer's step without the profiler's hook and the compiler's guards around it.

    For a small network they cost more than the step. To be called without gradients.
    """
    step: Callable[[], None] = inspect.unwrap(type(optimizer).step).__get__(optimizer)
    optimizer._opt_called = True  # type: ignore[attr-defined]  # a schedule asks whether any step was taken
    return step


class Schedule:
    """The learning rate over batches and epochs: a scheduler of torch, called when it wants to be."""

    def __init__(self, training: Training, optimizer: TorchOptimizer, batches: int) -> None:
        self.torch = _scheduler(training, optimizer, batches)
        self.by_batch = isinstance(training.schedule, settings.OneCycle)

    def after_batch(self) -> None:
        """Count a batch."""
        if self.by_batch:
            self._step()

    def after_epoch(self, value: float) -> None:
        """Count an epoch that ended with this monitored value, of which less is better; NaN is better than none."""
        if isinstance(self.torch, lr_scheduler.ReduceLROnPlateau):
            self.torch.step(value)
        elif not self.by_batch:
            self._step()

    def _step(self) -> None:
        if isinstance(self.torch, lr_scheduler.CosineAnnealingLR) and self.torch.last_epoch >= self.torch.T_max:
            return  # torch would climb the other half of the cosine
        if self.torch:
            self.torch.step()


def _scheduler(training: Training, optimizer: TorchOptimizer, batches: int) -> lr_scheduler.LRScheduler | None:
    given = training.schedule.model_dump(exclude={"name"})
    match training.schedule:
        case settings.Constant():
            return None
        case settings.Step():
            return lr_scheduler.StepLR(optimizer, **given)
        case settings.Exponential():
            return lr_scheduler.ExponentialLR(optimizer, **given)
        case settings.Linear():
            return lr_scheduler.LinearLR(optimizer, **given)
        case settings.Cosine(t_max=t_max, eta_min=eta_min):
            return lr_scheduler.CosineAnnealingLR(optimizer, T_max=t_max or training.max_epochs, eta_min=eta_min)
        case settings.CosineRestarts(t_0=t_0, t_mult=t_mult, eta_min=eta_min):
            return lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=t_0, T_mult=t_mult, eta_min=eta_min)
        case settings.OneCycle(pct_start=pct_start, div_factor=div_factor, final_div_factor=final_div_factor):
            total, top = training.max_epochs * batches, training.learning_rate
            if pct_start * total <= 1:  # there is no step up, which torch would divide by: only the way down is left
                end = top / div_factor / final_div_factor
                return lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(total - 1, 1), eta_min=end)
            tops = [group["lr"] for group in optimizer.param_groups]
            # the momentum stays: not every optimizer has one
            return lr_scheduler.OneCycleLR(optimizer, max_lr=tops, total_steps=total, cycle_momentum=False, **given)
        case settings.Plateau():
            # better is better, by however little; torch's own measure is relative, and the AUC counts as negative here
            return lr_scheduler.ReduceLROnPlateau(optimizer, threshold=0, threshold_mode="abs", eps=0, **given)
