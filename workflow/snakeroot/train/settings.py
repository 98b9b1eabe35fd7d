"""What the train stage may know."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from snakeroot.settings import Column, Settings

Optimizer = Literal[
    "adadelta", "adagrad", "adam", "adamax", "adamw", "asgd", "nadam", "radam", "rmsprop", "rprop", "sgd"
]


class Training(Settings):
    """What a user writes under `training:` of a model."""

    optimizer: Optimizer = Field("adam", description="torch's optimizer of this name, in lower case")
    learning_rate: float = Field(1e-3, gt=0, description="step size of the optimizer")
    batch_size: int = Field(512, gt=0, description="rows per step")
    max_epochs: int = Field(500, gt=0, description="passes over the train split, at most")
    patience: int = Field(20, gt=0, description="epochs without a better validation value before the training stops")
    monitor: Literal["loss", "auc"] = Field("loss", description="validation value that decides which epoch is best")
    class_balance: bool = Field(True, description="scale the weights of both classes to the same sum")
    checkpoint_minutes: float = Field(1.0, ge=0, description="time between checkpoints; a killed job loses no more")
    threads: int = Field(1, gt=0, le=256, description="CPU threads; results may differ between numbers of threads")


class TrainSettings(Settings):
    """One network: a model of a task, a fold and a replica."""

    architecture: str = Field(description="name of the architecture")
    settings: dict[str, Any] = Field(description="settings of the architecture")
    inputs: list[Column] = Field(min_length=1, description="features that the network takes, in this order")
    training: Training = Field(description="how it is trained")
    seed: int = Field(ge=0, lt=2**63, description="seed of the initial weights, the shuffling and the dropout")
