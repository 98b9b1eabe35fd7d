"""Settings of the figures of several classes."""

from __future__ import annotations

from pydantic import Field

from snakeroot.evaluate.settings import Curves, Figure, Labelled


class ClassCurves(Curves):
    """Of `snakeroot.evaluate.multiclass.roc`."""

    classes: list[Labelled] = Field(description="the task's classes, by target")


class ModelClasses(Figure):
    """Of `snakeroot.evaluate.multiclass.confusion` and `snakeroot.evaluate.multiclass.scores`."""

    model: Labelled
    classes: list[Labelled] = Field(description="the task's classes, by target")
