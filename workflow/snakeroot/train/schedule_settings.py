"""Schedules of the learning rate by name, each a scheduler of torch's with its own options."""

from __future__ import annotations

import typing
from typing import Literal

from pydantic import Field

from snakeroot.settings import Settings


class Constant(Settings):
    """The learning rate stays."""

    name: Literal["constant"] = "constant"


class Step(Settings):
    """torch's StepLR: every few epochs a factor."""

    name: Literal["step"]
    step_size: int = Field(10, gt=0, description="epochs between two steps")
    gamma: float = Field(0.1, gt=0, description="factor of each step")


class Exponential(Settings):
    """torch's ExponentialLR: a factor after each epoch."""

    name: Literal["exponential"]
    gamma: float = Field(0.95, gt=0, description="factor of each epoch")


class Linear(Settings):
    """torch's LinearLR: from a fraction of the learning rate to all of it, a warm-up."""

    name: Literal["linear"]
    start_factor: float = Field(0.1, ge=1e-9, le=1, description="fraction to begin with")
    total_iters: int = Field(5, gt=0, description="epochs until all of it")


class Cosine(Settings):
    """torch's CosineAnnealingLR: down along half a cosine, and no further."""

    name: Literal["cosine"]
    t_max: int | None = Field(
        None, gt=0, description="epochs until eta_min, where the learning rate then stays; max_epochs by default"
    )
    eta_min: float = Field(0.0, ge=0, description="the lowest learning rate")


class CosineRestarts(Settings):
    """torch's CosineAnnealingWarmRestarts: down along half a cosine, and up again at once."""

    name: Literal["cosine_restarts"]
    t_0: int = Field(10, gt=0, description="epochs until the first restart")
    t_mult: int = Field(1, gt=0, description="factor of the epochs after each restart")
    eta_min: float = Field(0.0, ge=0, description="learning rate that it comes near before a restart")


class OneCycle(Settings):
    """torch's OneCycleLR over max_epochs, batch by batch: up to the learning rate, then down to almost nothing."""

    name: Literal["one_cycle"]
    pct_start: float = Field(
        0.3,
        gt=0,
        lt=1,
        description="share of the batches on the way up; if that is one batch or less, it only goes down",
    )
    div_factor: float = Field(25.0, ge=1, description="learning rate / that of the first batch")
    final_div_factor: float = Field(1e4, ge=1, description="rate of the first batch / that of the last")


class Plateau(Settings):
    """torch's ReduceLROnPlateau: a factor when the monitored validation value no longer improves."""

    name: Literal["plateau"]
    factor: float = Field(0.1, gt=0, lt=1, description="factor of each reduction")
    patience: int = Field(10, ge=0, description="epochs without a better value that are let pass; the next one reduces")


Schedule = Constant | Step | Exponential | Linear | Cosine | CosineRestarts | OneCycle | Plateau
SCHEDULES: dict[str, type[Settings]] = {
    typing.get_args(kind.model_fields["name"].annotation)[0]: kind for kind in typing.get_args(Schedule)
}
