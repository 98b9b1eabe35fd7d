"""What `snakeroot.evaluate.metrics` may know."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.objectives import Kind, Residual
from snakeroot.networks.others import Other
from snakeroot.settings import Column, Name, Settings


class Measured(Settings):
    """A model, and how many networks it has: folds times replicas."""

    name: Name
    networks: int = Field(ge=1)
    others: list[Other] = Field([], exclude_if=lambda others: not others, description="what it learns beside the rest")
    inputs: list[Input] = Field([], description="what an unsupervised one takes")
    clusters: bool = Field(False, description="whether what an unsupervised one finds are memberships of clusters")
    told: bool = Field(
        False, exclude_if=lambda told: not told, description="whether it is told the physics parameters of the task"
    )
    trained_at: list[list[float]] = Field(
        [], exclude_if=lambda points: not points, description="the points of the task that it has learned from"
    )


def _different(values: list[float]) -> list[float]:
    if len(set(values)) < len(values):
        raise ValueError("a value stands in it twice")
    return values


class WorkingPoints(Settings):
    """Which cuts on the score are measured."""

    signal_efficiency: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], AfterValidator(_different)] = Field(
        [0.3, 0.5, 0.7, 0.8, 0.9, 0.95], description="those that keep these shares of the signal"
    )
    background_rejection: Annotated[list[Annotated[float, Field(gt=1)]], AfterValidator(_different)] = Field(
        [], description="those that let one in so many events of background pass"
    )


class Metrics(Settings):
    """Of `snakeroot.evaluate.metrics`."""

    task: Name = Field(description="name of the task, for messages and the file itself")
    kind: Kind = Field("binary", description="what was learned")
    classes: list[Name] = Field([], description="of a multiclass task, by target")
    residual: Residual = Field("absolute", description="of a regression")
    reference: Column | None = Field(None, description="of a regression: a column that is measured like a model")
    working_points: WorkingPoints = Field(WorkingPoints(), description="of a binary task")
    background_uncertainty: float = Field(0.0, ge=0, description="of a binary task, relative, in its significance")
    yields: bool = Field(False, description="whether weights are yields at a luminosity")
    parameters: list[Column] = Field(
        [], exclude_if=lambda names: not names, description="of a binary task: its physics parameters"
    )
    points: list[list[float]] = Field(
        [], exclude_if=lambda points: not points, description="their values, by point: models are measured at each"
    )
    models: list[Measured] = Field(description="the task's models, in the order of the files given")
    bootstrap: int = Field(description="resamplings of the events for 68 % intervals")
    seed: int = Field(ge=0, description="seed of the resampling")
