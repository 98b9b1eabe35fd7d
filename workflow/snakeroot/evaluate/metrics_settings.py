"""What `snakeroot.evaluate.metrics` may know."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.inputs import Input
from snakeroot.networks.objectives import Kind, Residual
from snakeroot.settings import Column, Name, Settings


class Measured(Settings):
    """A model, and how many networks it has: folds times replicas."""

    name: Name
    networks: int = Field(ge=1)
    inputs: list[Input] = Field([], description="what an unsupervised one takes")
    clusters: bool = Field(False, description="whether what an unsupervised one finds are memberships of clusters")


class Metrics(Settings):
    """Of `snakeroot.evaluate.metrics`."""

    task: Name = Field(description="name of the task, for messages and the file itself")
    kind: Kind = Field("binary", description="what was learned")
    classes: list[Name] = Field([], description="of a multiclass task, by target")
    residual: Residual = Field("absolute", description="of a regression")
    reference: Column | None = Field(None, description="of a regression: a column that is measured like a model")
    models: list[Measured] = Field(description="the task's models, in the order of the files given")
    bootstrap: int = Field(description="resamplings of the events for 68 % intervals")
    seed: int = Field(ge=0, description="seed of the resampling")
