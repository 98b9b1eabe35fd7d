"""What a user writes of a task's evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from snakeroot.config.repeated import Distinct
from snakeroot.evaluate.discriminant_settings import Discriminant
from snakeroot.evaluate.metrics_settings import WorkingPoints
from snakeroot.labels import Label
from snakeroot.networks.objectives import Residual
from snakeroot.plotting.settings import Axis
from snakeroot.settings import Column, Name, Settings

Efficiency = Annotated[float, Field(gt=0, lt=1)]
Relative = Annotated[float, Field(ge=0, le=10)]


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
    background_uncertainty: Relative = Field(
        0.0,
        description="of signal against background: uncertainty of the background's yield, relative to it",
    )
    profiles: Annotated[list[Column], Distinct] | None = Field(
        None,
        description="features and spectators against which, of signal against background, efficiencies are shown, and "
        "whose shapes cuts on the score change, or, of a regression, bias and resolution are shown; by default the "
        "spectators that have an axis",
    )
    profile_efficiencies: Annotated[list[Efficiency], Distinct] = Field(
        [0.5, 0.8], min_length=1, max_length=5, description="signal efficiencies of these cuts"
    )
    importance: Importance | None = Field(
        Importance(), description="of models that learn targets: what it is computed from; null to leave it out"
    )
    discriminants: dict[Name, Discriminant] = Field(
        {},
        description="of several classes: one against a mixture of others, as ln(p_b / (f_c p_c + f_light p_light)); "
        "each has a figure",
    )
    simulation_scaled_to: Literal["luminosity", "data"] | None = Field(
        None,
        description="where data and simulation are compared: the sum of the simulation is what is expected at the "
        "luminosity, or that of the data; by default the first where `luminosity` is given",
    )
    normalisation_uncertainty: Relative | dict[Name, Relative] = Field(
        0.0, description="relative uncertainty of all simulated yields, or of those of samples, that is shown there"
    )
    experiment: Label = Field(
        "none",
        description="whose figures they are: ALICE, ATLAS, CMS, DUNE and LHCb have their own labels, where these have "
        "them; any other name begins the plain line above the figures",
    )
    status: Label = Field("", description="what follows it, as in Preliminary or Work in progress")
    origin: Label | None = Field(
        None,
        description="what the events of the figures are called; by default Simulation or Data, by the samples' `data`",
    )

    def axis(self, feature: str) -> Axis:
        """Return the axis of a feature, labelled with the feature's name where the user gave no label."""
        axis = self.axes.get(feature, Axis())
        return axis if axis.label else axis.model_copy(update={"label": feature})

    @property
    def stated(self) -> str:
        """The experiment, if there is one."""
        return "" if self.experiment.lower() == "none" else self.experiment

    def label(self, name: str) -> str:
        """Return how a sample, a model or a class is called in figures."""
        return self.labels.get(name, name)
