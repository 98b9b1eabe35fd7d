"""What figures are told that show what a cut on the score does to other variables."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from snakeroot.plotting.settings import Model, OfTask, Variable

Efficiency = Annotated[float, Field(gt=0, lt=1)]


class Profiled(OfTask):
    """What they show."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    signal: str = Field(description="label of the class signal")
    background: str = Field(description="label of the class background")
    profiled: list[Variable] = Field(description="the variables, features or spectators")
    efficiencies: list[Efficiency] = Field(min_length=1, description="signal efficiencies of the cuts")
    seed: int = Field(ge=0, description="seed of what is drawn by chance")


def applies(settings: Profiled) -> bool:
    """Whether there are variables."""
    return bool(settings.profiled)
