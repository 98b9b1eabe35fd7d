"""Which trials are trained for longer than others, more than once, or before all others."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from snakeroot.settings import Settings
from snakeroot.train.initial_settings import KnownEvents, Reference

PRUNINGS = ("successive_halving",)


class SuccessiveHalving(Settings):
    """All trials of a round are trained for a few epochs; the best go on for a multiple of these, and so on.

    K. Jamieson, A. Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016.
    """

    name: Literal["successive_halving"] = Field(description="all that there is, so far")
    reduction_factor: int = Field(
        2, ge=2, description="of a round's trials one in so many goes on, for so many times the epochs"
    )
    minimum_epochs: int = Field(10, gt=0, description="epochs of every trial")

    def rungs(self, max_epochs: int) -> list[int]:
        """Return after how many epochs trials are compared: all below `max_epochs`, at which the last of them end."""
        rungs, epochs = [], self.minimum_epochs
        while epochs < max_epochs:
            rungs.append(epochs)
            epochs *= self.reduction_factor
        return rungs

    def promoted(self, trials: int, rung: int) -> int:
        """Return how many trials of a round of so many go on from a rung, counted from 0."""
        share: int = self.reduction_factor ** (rung + 1)
        return max(1, trials // share)


class Confirmation(Settings):
    """The best trials are trained again, with other seeds, before one is named."""

    trials: int = Field(ge=2, le=20, description="how many of the best")
    seeds: int = Field(3, ge=1, le=20, description="trainings of each, beside the trial itself")


class Start(Settings):
    """The best points of another search are tried first."""

    search: Reference = Field(description="`<task>/<model>`: a model with `tuning`, of this task or of another one")
    trials: int | None = Field(
        None, ge=1, le=1000, description="how many of its best points; as many as a round has by default"
    )
    known_events: KnownEvents = Field(
        "error", description="what to do if that search has seen events of the test split, as of `initial`"
    )


class Origin(Settings):
    """A search whose best points are tried first."""

    name: str = Field(description="<task>/<model>")
    objective: str = Field(description="what it has searched for: by it its trials are ranked")
    trials: int = Field(ge=1, description="how many of its points, at most")
