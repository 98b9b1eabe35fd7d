"""What the train stage may know."""

from __future__ import annotations

import typing
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator

from snakeroot.errors import hint
from snakeroot.settings import Column, Settings

Optimizer = Literal[
    "adadelta", "adagrad", "adam", "adamax", "adamw", "asgd", "nadam", "radam", "rmsprop", "rprop", "sgd"
]
Precision = Literal["float32", "float64", "bfloat16", "float16"]
Compilation = Literal["default", "reduce-overhead", "max-autotune"]


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
    start_factor: float = Field(0.1, gt=0, le=1, description="fraction to begin with")
    total_iters: int = Field(5, gt=0, description="epochs until all of it")


class Cosine(Settings):
    """torch's CosineAnnealingLR: down along half a cosine."""

    name: Literal["cosine"]
    t_max: int | None = Field(None, gt=0, description="epochs on the way down; max_epochs by default")
    eta_min: float = Field(0.0, ge=0, description="learning rate at the end")


class CosineRestarts(Settings):
    """torch's CosineAnnealingWarmRestarts: down along half a cosine, and up again at once."""

    name: Literal["cosine_restarts"]
    t_0: int = Field(10, gt=0, description="epochs until the first restart")
    t_mult: int = Field(1, gt=0, description="factor of the epochs after each restart")
    eta_min: float = Field(0.0, ge=0, description="learning rate just before a restart")


class OneCycle(Settings):
    """torch's OneCycleLR over max_epochs, batch by batch: up to the learning rate, then down to almost nothing."""

    name: Literal["one_cycle"]
    pct_start: float = Field(0.3, gt=0, lt=1, description="share of the batches on the way up")
    div_factor: float = Field(25.0, gt=0, description="learning rate / that of the first batch")
    final_div_factor: float = Field(1e4, gt=0, description="rate of the first batch / that of the last")


class Plateau(Settings):
    """torch's ReduceLROnPlateau: a factor when the monitored validation value no longer improves."""

    name: Literal["plateau"]
    factor: float = Field(0.1, gt=0, lt=1, description="factor of each reduction")
    patience: int = Field(10, ge=0, description="epochs without a better value before a reduction")


Schedule = Constant | Step | Exponential | Linear | Cosine | CosineRestarts | OneCycle | Plateau
SCHEDULES: dict[str, type[Settings]] = {
    typing.get_args(kind.model_fields["name"].annotation)[0]: kind for kind in typing.get_args(Schedule)
}


class Training(Settings):
    """What a user writes under `training:` of a model."""

    optimizer: Optimizer = Field("adam", description="torch's optimizer of this name, in lower case")
    learning_rate: float = Field(1e-3, gt=0, description="step size of the optimizer")
    schedule: Annotated[Schedule, Field(discriminator="name")] = Field(
        Constant(), description="how the learning rate changes"
    )
    batch_size: int = Field(512, gt=0, description="rows per step, over all GPUs")
    max_epochs: int = Field(500, gt=0, description="passes over the train split, at most")
    patience: int = Field(20, gt=0, description="epochs without a better validation value before the training stops")
    monitor: Literal["loss", "auc"] = Field("loss", description="validation value that decides which epoch is best")
    class_balance: bool = Field(True, description="scale the weights of both classes to the same sum")
    precision: Precision = Field(
        "float32", description="of the arithmetic; the two short ones keep the weights in float32, for GPUs"
    )
    compile: Compilation | None = Field(
        None, description="torch.compile in this mode (needs a C++ compiler); reduce-overhead is CUDA graphs"
    )
    anomaly: bool = Field(False, description="name the operation that first gives NaN in a gradient; slow")
    shuffle_window: int = Field(2**20, gt=0, description="rows that are shuffled together, and in memory if streamed")
    memory_budget: float | None = Field(
        None, gt=0, description="GB that rows may take in each process before they are streamed; half of what is free"
    )
    checkpoint_minutes: float = Field(1.0, ge=0, description="time between checkpoints; a killed job loses no more")
    checkpoint_epochs: int | None = Field(None, gt=0, description="epochs between checkpoints, besides the minutes")
    threads: int = Field(1, gt=0, le=256, description="CPU threads; results may differ between numbers of threads")

    @field_validator("schedule", mode="before")
    @classmethod
    def _known_schedule(cls, value: Any) -> Any:
        if isinstance(value, Settings):
            return value
        if not isinstance(value, dict) or "name" not in value:
            raise ValueError(f"write a mapping with a name, as in {{name: cosine}}. {hint('', SCHEDULES)}")
        if value["name"] not in SCHEDULES:
            raise ValueError(f"no schedule {value['name']!r}: {hint(str(value['name']), SCHEDULES)}")
        return value


class TrainSettings(Settings):
    """One network: a model of a task, a fold and a replica."""

    def at(self, model: dict[str, Any]) -> Self:
        """Return the same training of a model with other settings: those of the architecture, and `training`."""
        changed = {"settings": {k: v for k, v in model.items() if k != "training"}, "training": model["training"]}
        return self.model_validate(self.model_dump(mode="json") | changed)

    architecture: str = Field(description="name of the architecture")
    settings: dict[str, Any] = Field(description="settings of the architecture")
    inputs: list[Column] = Field(min_length=1, description="features that the network takes, in this order")
    training: Training = Field(description="how it is trained")
    seed: int = Field(ge=0, lt=2**63, description="seed of the initial weights, the shuffling and the dropout")
    until: int | None = Field(None, gt=0, description="epochs after which this part of the training stops; null: none")
