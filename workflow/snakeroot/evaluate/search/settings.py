"""Settings of the figures of a search."""

from __future__ import annotations

from pydantic import Field

from snakeroot.evaluate.settings import Figure, Labelled
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter


class Search(Figure):
    """Of any figure of a search."""

    model: Labelled
    space: dict[str, Parameter] = Field(min_length=1, description="where it was searched")
    objective: list[Objective] = Field(min_length=1, description="what is to be best; several: a Pareto front")


class Timeline(Figure):
    """Of the jobs of a search."""

    model: Labelled
    jobs: list[list[str]] = Field(description="the trials that each job of each round has, as paths name them")
    rungs: int = Field(ge=0, description="jobs of each trial before its last one")
