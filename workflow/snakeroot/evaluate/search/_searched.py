"""What figures are told of a search."""

from __future__ import annotations

from pydantic import Field

from snakeroot.plotting.settings import Labelled, OfTask
from snakeroot.tune.settings import Objective
from snakeroot.tune.space import Parameter


class Searched(OfTask):
    """What they show."""

    model: Labelled
    space: dict[str, Parameter] = Field(min_length=1, description="where it was searched")
    objective: list[Objective] = Field(min_length=1, description="what is to be best; several: a Pareto front")
