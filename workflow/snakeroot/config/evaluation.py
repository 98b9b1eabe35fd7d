"""What a user writes of a task's evaluation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from snakeroot.config.repeated import Distinct
from snakeroot.evaluate.discriminant_settings import Discriminant
from snakeroot.labels import Label
from snakeroot.networks.objectives import Residual
from snakeroot.plotting.settings import Axis
from snakeroot.settings import Column, Name, Settings

Relative = Annotated[float, Field(ge=0, le=10)]


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
    profiles: Annotated[list[Column], Distinct] | None = Field(
        None,
        description="of a regression: features and spectators against which bias and resolution are shown; by default "
        "the spectators that have an axis",
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
