"""What figures are told that compare the models of a regression."""

from __future__ import annotations

from pydantic import Field

from snakeroot.networks.objectives import Residual
from snakeroot.plotting.settings import Axis, Labelled, Model, OfTask


class Compared(OfTask):
    """What they show."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    reference: Labelled | None = Field(description="a column that is drawn as if it were a model")
    target: Axis = Field(description="its axis")
    residual: Residual
