"""What the train stage may know."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator

from snakeroot.errors import SnakerootError, hint
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import Metric
from snakeroot.networks.objectives import MEDIAN, Kind, Loss
from snakeroot.networks.others import Other
from snakeroot.settings import Column, Name, Settings, mistakes
from snakeroot.train.initial_settings import Ancestor
from snakeroot.train.optimizer_settings import OPTIMIZERS, Adam, Optimizer
from snakeroot.train.schedule_settings import SCHEDULES, Constant, Schedule

NAMED = {"optimizer": OPTIMIZERS, "schedule": SCHEDULES}
"""Settings that are something with a name and its own options; the name alone is enough."""

QUANTILES = [0.16, MEDIAN, 0.84]
"""The median and both ends of the central 68 %."""

Share = Annotated[float, Field(ge=0.001, le=0.999)]
Precision = Literal["float32", "float64", "bfloat16", "float16"]
Compilation = Literal["default", "reduce-overhead", "max-autotune"]


class Decorrelate(Settings):
    """What a user writes under `training.decorrelate:` of a model."""

    variable: Column = Field(description="feature or spectator; it need not be an input")
    strength: float = Field(ge=0, description="added to the loss: this × the distance correlation to the `exponent`")
    exponent: Literal[1, 2] = Field(2, description="2, as in the paper, or 1, whose pull does not fade near 0")


class Training(Settings):
    """What a user writes under `training:` of a model."""

    optimizer: Annotated[Optimizer, Field(discriminator="name")] = Field(
        Adam(), description="torch's optimizer of this name, in lower case: `sgd`, or `{name: sgd, momentum: 0.9}`"
    )
    learning_rate: float = Field(1e-3, gt=0, description="step size of the optimizer")
    schedule: Annotated[Schedule, Field(discriminator="name")] = Field(
        Constant(), description="how the learning rate changes"
    )
    batch_size: int = Field(512, gt=0, le=2**24, description="rows per step, over all GPUs")
    max_epochs: int = Field(500, gt=0, le=1_000_000, description="passes over the train split, at most")
    patience: int = Field(20, gt=0, description="epochs without a better validation value before the training stops")
    monitor: Metric = Field("loss", description="validation value that decides which epoch is best")
    class_balance: bool = Field(True, description="scale the weights of all classes to the same sum")
    priors: dict[Name, Annotated[float, Field(gt=0)]] | None = Field(
        None,
        exclude_if=lambda priors: priors is None,
        description="class: sum of its weights relative to the others', as {signal: 1, background: 3}, in place of "
        "class_balance; names all classes",
    )
    loss: Loss = Field(
        "squared_error",
        description="of a regression; `absolute_error`, `huber` and `log_cosh` are robust against outliers; "
        "`likelihood` (of a normal distribution) and `quantiles` also say how uncertain each prediction is",
    )
    auxiliary: dict[Column, Annotated[float, Field(gt=0)]] = Field(
        {},
        exclude_if=lambda auxiliary: not auxiliary,
        description="further [targets](several-targets.md) of the task that it learns too: what their losses are "
        "multiplied by, as {mass: 0.3}. Numbers have the `loss` of a regression, where that states no uncertainty",
    )
    quantiles: list[Share] = Field(
        QUANTILES,
        min_length=2,
        max_length=20,
        exclude_if=lambda shares: shares == QUANTILES,
        description="of the loss of that name: the shares of events that are below; 0.5, the median, is the prediction",
    )
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share of each target that all classes are given")
    gradient_clipping: float | None = Field(None, gt=0, description="largest norm that a gradient is left with")
    l1: float = Field(0.0, ge=0, description="added to the loss: this × the sum of the weights' magnitudes")
    l2: float = Field(0.0, ge=0, description="added to the loss: this × the sum of the weights' squares")
    decorrelate: Decorrelate | None = Field(
        None,
        exclude_if=lambda decorrelate: decorrelate is None,
        description="penalty on what the score of background, batch by batch, has to do with a variable: [DisCo]"
        "(reweighting.md#penalty). Of signal against background",
    )
    precision: Precision = Field(
        "float32", description="of the arithmetic; the two short ones keep the weights in float32, for GPUs"
    )
    compile: Compilation | None = Field(
        None, description="torch.compile in this mode (needs a C++ compiler); reduce-overhead is CUDA graphs"
    )
    anomaly: bool = Field(False, description="name the operation that first gives NaN in a gradient; slow")
    shuffle_window: int = Field(
        2**20, gt=0, le=2**30, description="rows that are shuffled together, and in memory if streamed"
    )
    memory_budget: float | None = Field(
        None, gt=0, description="GB that rows may take in each process before they are streamed; half of what is free"
    )
    checkpoint_minutes: float = Field(1.0, ge=0, description="time between checkpoints; a killed job loses no more")
    checkpoint_epochs: int | None = Field(None, gt=0, description="epochs between checkpoints, besides the minutes")
    variations: list[str] = Field(
        [],
        exclude_if=lambda variations: not variations,
        description="systematic variations that are mixed into the train split: `jes` or `jes-up`, as the task's "
        "[systematics](systematics.md) are called",
    )
    threads: int = Field(
        1,
        gt=0,
        le=256,
        description="CPU threads; results may differ between numbers of them, not between numbers of cores",
    )

    @field_validator(*NAMED, mode="before")
    @classmethod
    def _named(cls, value: Any, info: ValidationInfo) -> Any:
        known = NAMED[str(info.field_name)]
        if isinstance(value, Settings):
            return value
        if isinstance(value, str):
            value = {"name": value}
        if not isinstance(value, dict) or "name" not in value:
            example = next(iter(known))
            raise ValueError(f"write a name, or a mapping with one, as in {{name: {example}}}. {hint('', known)}")
        if value["name"] not in known:
            raise ValueError(f"no {info.field_name} {value['name']!r}: {hint(str(value['name']), known)}")
        return value

    @field_validator("quantiles")
    @classmethod
    def _around_the_median(cls, shares: list[float]) -> list[float]:
        if any(low >= high for low, high in pairwise(shares)) or MEDIAN not in shares:
            raise ValueError(f"they rise, and one is the median, {MEDIAN}: as in {QUANTILES}")
        return shares

    @model_validator(mode="after")
    def _with_their_loss(self) -> Self:
        if self.loss != "quantiles" and "quantiles" in self.model_fields_set:
            raise ValueError(f"quantiles: of the loss of that name, and this one is {self.loss}: leave them out")
        return self

    @model_validator(mode="after")
    def _downwards(self) -> Self:
        lowest = getattr(self.schedule, "eta_min", 0.0)
        if lowest > self.learning_rate:
            raise ValueError(f"schedule.eta_min: {lowest:g} is above the learning_rate {self.learning_rate:g}")
        return self


class Mixed(Settings):
    """A systematic variation that is trained on beside the nominal rows."""

    name: str = Field(description="as its folder is called")
    samples: list[Name] = Field(min_length=1, description="those that it is of, and that have a class")
    files: int = Field(ge=1, description="how many of the files given are its")


class TrainedAt(Settings):
    """Which points of a parameterised task a network learns from."""

    parameters: list[Column] = Field(min_length=1, description="names of the physics parameters, columns of all rows")
    points: list[list[float]] = Field(min_length=1, description="their values, by point")
    told: bool = Field(description="whether they are inputs; if not, background is the same at all points")


class TrainSettings(Settings):
    """One network: a model of a task, a fold and a replica."""

    def at(self, model: dict[str, Any]) -> Self:
        """Return the same training of a model with other settings: those of the architecture, and `training`.

        Raises:
            SnakerootError: if there are no such settings; those of the architecture are looked at when it is built.
        """
        changed = {"settings": {k: v for k, v in model.items() if k != "training"}, "training": model["training"]}
        try:
            return self.model_validate(self.model_dump(mode="json") | changed)
        except ValidationError as error:
            raise SnakerootError("; ".join(map(str, mistakes(error)))) from error

    kind: Kind = Field(description="what is learned")
    classes: list[str] = Field(description="names of the classes, by target; none of a regression, …")
    architecture: str = Field(description="name of the architecture")
    settings: dict[str, Any] = Field(description="settings of the architecture")
    inputs: list[Input] = Field(min_length=1, description="what the network takes, in this order")
    training: Training = Field(description="how it is trained")
    others: list[Other] = Field(
        [], exclude_if=lambda others: not others, description="targets beside the main one, as `training` weighs them"
    )
    reweighting: Name | None = Field(
        None, exclude_if=lambda name: name is None, description="by which reweighting its weights are multiplied"
    )
    seed: int = Field(ge=0, lt=2**63, description="seed of the initial weights, the shuffling and the dropout")
    mixed: list[Mixed] = Field(
        [],
        exclude_if=lambda mixed: not mixed,
        description="variations that are trained on, in the order of their files",
    )
    trained_at: TrainedAt | None = Field(
        None, exclude_if=lambda given: given is None, description="points of a task with parameters; null: it has none"
    )
    initial: Ancestor | None = Field(
        None, exclude_if=lambda given: given is None, description="the network that it begins with; null: none"
    )
    until: int | None = Field(None, gt=0, description="epochs after which this part of the training stops; null: none")
