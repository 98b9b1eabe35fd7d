"""What a user writes of a task's evaluation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from snakeroot.config.repeated import Distinct
from snakeroot.evaluate.metrics_settings import WorkingPoints
from snakeroot.labels import Label
from snakeroot.networks.objectives import Residual
from snakeroot.plotting.settings import Axis
from snakeroot.settings import Column, Name, Settings

Efficiency = Annotated[float, Field(gt=0, lt=1)]


class Importance(Settings):
    """How much each model depends on each of its inputs: how much worse it gets when one of them is permuted."""

    rows: int = Field(10_000, ge=100, description="rows of the test split, at most")
    repeats: int = Field(5, ge=2, le=1000, description="permutations of each input")
    occluded: int = Field(
        400, ge=1, description="rows of which objects of sequences and patches of images are taken away, at most"
    )


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
    working_points: WorkingPoints = Field(
        WorkingPoints(), description="of signal against background: the cuts on the score that metrics.json has"
    )
    background_uncertainty: float = Field(
        0.0,
        ge=0,
        le=10,
        description="of signal against background: uncertainty of the background's yield, relative to it",
    )
    profiles: Annotated[list[Column], Distinct] | None = Field(
        None,
        description="of signal against background: features and spectators against which efficiencies are shown, and "
        "whose shapes cuts on the score change; by default the spectators that have an axis",
    )
    profile_efficiencies: Annotated[list[Efficiency], Distinct] = Field(
        [0.5, 0.8], min_length=1, max_length=5, description="signal efficiencies of these cuts"
    )
    importance: Importance | None = Field(
        Importance(), description="of models that learn targets: what it is computed from; null to leave it out"
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
