"""Settings of the figures of a regression."""

from __future__ import annotations

from pydantic import Field

from snakeroot.evaluate.settings import Axis, Figure, Labelled, Model, Residual


class Prediction(Figure):
    """Of `snakeroot.evaluate.regression.prediction`."""

    model: Model
    axis: Axis = Field(description="of the target")


class Residuals(Figure):
    """Of `snakeroot.evaluate.regression.residuals` and `snakeroot.evaluate.regression.response`."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    reference: Labelled | None = Field(description="a column that is drawn as if it were a model")
    axis: Axis = Field(description="of the target")
    residual: Residual
