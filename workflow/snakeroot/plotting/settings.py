"""What a figure is told of its axes, and of the samples, classes and models that it shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from snakeroot.labels import Label
from snakeroot.settings import Column, Name, Settings


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


class Variable(Settings):
    """A feature or spectator, and its axis."""

    name: Column
    axis: Axis


class Labelled(Settings):
    """A model or a class, and how it is called in figures."""

    name: Name | Column
    label: str
    colour: str = Field(
        "",
        pattern="^(#[0-9a-f]{6})?$",
        exclude_if=lambda colour: not colour,
        description="of a sample or class: what it has in all tasks; by default what is free in this figure",
    )


class Sample(Labelled):
    """A sample, and the class that it is trained as, or its own name where there are none; null: it is only shown."""

    class_name: Name | None


class Model(Labelled):
    """One of a task's models that are shown together."""

    number: int = Field(0, ge=0, description="its place among the task's models, from which its colour follows")


class Headline(Settings):
    """What is stated above a figure."""

    experiment: Label = Field("", description="name of the experiment")
    origin: str = Field("", description="what its events are: Simulation, Data; empty of what shows none")
    status: Label = Field("", description="as in Preliminary")
    luminosity: float | None = Field(description="integrated luminosity that yields are scaled to, in fb^-1")
    energy: float | None = Field(description="centre-of-mass energy in TeV")


class OfTask(Headline):
    """Of any figure of a task."""

    rows: str = Field("events", description="what the rows of the tables are called")
    other: Column | None = Field(
        None, exclude_if=lambda other: other is None, description="the target beside the main one that it is about"
    )
