"""Settings of the stage evaluate: what a user writes under `evaluation:`, and what each of its commands is given."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from snakeroot.objectives import Metric
from snakeroot.settings import Column, Label, Name, Settings

Residual = Literal["absolute", "relative"]


def _ascending(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] >= limits[1]:
        raise ValueError(f"the lower limit {limits[0]:g} is not below the upper limit {limits[1]:g}")
    return limits


class Axis(Settings):
    """How a feature is shown."""

    label: Label = Field("", description="text of the axis, math between $ signs; the feature's name by default")
    unit: Label = Field("", description="its unit, as in GeV")
    range: Annotated[tuple[float, float], AfterValidator(_ascending)] | None = Field(
        None, description="low and high end, which belong to it; by default without the outermost 0.5 % on either side"
    )
    bins: int = Field(50, ge=1, le=1000, description="number of bins of a histogram")
    log: bool = Field(False, description="whether numbers of events are shown on a logarithmic scale")


class Evaluation(Settings):
    """The part `evaluation:` of a task."""

    axes: dict[Column, Axis] = Field({}, description="how each feature is shown")
    labels: dict[Name, Label] = Field({}, description="names in figures for samples, models, classes, the reference")
    bootstrap: int = Field(200, ge=20, le=10_000, description="resamplings of the events for 68 % intervals")
    reference: Column | None = Field(
        None,
        description="of a regression: a feature or spectator that estimates the target, to compare models with",
    )
    residual: Residual = Field(
        "absolute", description="of a regression: prediction - target, or relative: that divided by the target"
    )
    experiment: Label = Field("", description="name of the experiment, bold above the figures")
    status: Label = Field("", description="what stands beside it, as in Preliminary or Work in progress")
    origin: Label | None = Field(
        None,
        description="what the events of the figures are called; by default Simulation or Data, by the samples' `data`",
    )

    def axis(self, feature: str) -> Axis:
        """Return the axis of a feature, labelled with the feature's name where the user gave no label."""
        axis = self.axes.get(feature, Axis())
        return axis if axis.label else axis.model_copy(update={"label": feature})

    def label(self, name: str) -> str:
        """Return how a sample, a model or a class is called in figures."""
        return self.labels.get(name, name)


class Labelled(Settings):
    """A model or a class, and how it is called in figures."""

    name: Name | Column
    label: str


class Sample(Labelled):
    """A sample, and the class that it is trained as, or its own name where there are none; null: it is only shown."""

    role: Name | None


class Model(Labelled):
    """A model."""

    number: int = Field(0, ge=0, description="its place among the task's models, from which its colour follows")


class Headline(Settings):
    """What is stated above a figure."""

    experiment: Label = Field("", description="name of the experiment")
    origin: str = Field("", description="what its events are: Simulation, Data; empty of what shows none")
    status: Label = Field("", description="as in Preliminary")
    luminosity: float | None = Field(description="integrated luminosity that yields are scaled to, in fb^-1")
    energy: float | None = Field(description="centre-of-mass energy in TeV")


class Figure(Headline):
    """Of any figure of a task."""

    rows: str = Field("events", description="what the rows of the tables are called")


class Curves(Figure):
    """Of `snakeroot.evaluate.roc` and `snakeroot.evaluate.rejection`."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")


class History(Figure):
    """Of `snakeroot.evaluate.history`."""

    model: Model
    metrics: list[Metric] = Field(["loss", "accuracy", "auc"], min_length=1, description="what was measured")
    unit: Label = Field("", description="of a regression's target")
    networks: list[str] = Field(min_length=1, description="the model's networks, in the order of the files given")


class Trained(Model):
    """One model."""

    networks: int = Field(ge=1, description="how many it has")


class Convergence(Figure):
    """Of `snakeroot.evaluate.convergence`."""

    models: list[Trained] = Field(min_length=1, description="models that are trained by gradients")


class Scores(Figure):
    """Of `snakeroot.evaluate.scores`."""

    model: Labelled
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")


class Input(Figure):
    """Of `snakeroot.evaluate.inputs`."""

    feature: Column = Field(description="the feature (or spectator) shown")
    axis: Axis
    samples: list[Sample]


class Decision(Figure):
    """Of `snakeroot.evaluate.decision`."""

    model: Labelled
    axes: dict[Column, Axis] = Field(description="the axes of the model's two inputs")
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")
    seed: int = Field(ge=0, description="seed of the choice of events shown as points")
