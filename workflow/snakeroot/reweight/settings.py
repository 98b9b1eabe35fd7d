"""What the reweight stage may know."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from snakeroot.settings import Column, Mistake, Name, Settings, raise_all

FLAT = "flat"
"""The shape that has the same sum of weights in each bin."""

MOST_CELLS = 10_000
"""Combinations of bins, at most: with many more, few events are left in each."""


def _edges(edges: list[float]) -> list[float]:
    if not all(map(math.isfinite, edges)) or any(low >= high for low, high in pairwise(edges)):
        raise ValueError("edges of bins are finite and ascend; the first and the last bin reach beyond theirs anyway")
    return edges


class Equal(Settings):
    """Bins of equal width."""

    range: tuple[float, float] = Field(description="low and high end")
    bins: int = Field(ge=1, le=1000, description="number of bins")

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if not (math.isfinite(self.range[0]) and math.isfinite(self.range[1]) and self.range[0] < self.range[1]):
            raise_all([Mistake(("range",), "the lower end has to be below the upper one, both finite")])
        return self


Bins = Equal | Annotated[list[float], Field(min_length=2, max_length=1001), AfterValidator(_edges)]


def edges(bins: Bins) -> list[float]:
    """Return the edges of bins, given these or as so many equal ones."""
    if not isinstance(bins, Equal):
        return bins
    (low, high), count = bins.range, bins.bins
    return [*(low + (high - low) * number / count for number in range(count)), high]


class Reweighting(Settings):
    """What a user writes of one."""

    variables: dict[Column, Bins] = Field(
        min_length=1,
        description="features and spectators, each with its bins: edges, as [200, 250, 300, 500], or equal bins, as "
        "`{range: [50, 110], bins: 30}`; several variables: all combinations of their bins. The first and the last bin "
        "of each have no end",
    )
    to: Name = Field(
        FLAT, description="the shape that classes get: flat, the same sum of weights in each bin, or that of a class"
    )
    classes: list[Name] | None = Field(
        None, min_length=1, description="classes that are reweighted; by default all, but the one whose shape it is"
    )
    limits: tuple[float, float] = Field(
        (0.1, 10.0),
        description="least and largest factor: what would be beyond has this one, so few events do not count for many",
    )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        low, high = self.limits
        wrong = []
        if not 0 <= low <= 1 <= high < math.inf:
            text = "the least factor is from 0 to 1, the largest one finite and 1 or more, as [0.1, 10]"
            wrong.append(Mistake(("limits",), text))
        cells = math.prod(len(edges(bins)) - 1 for bins in self.variables.values())
        if cells > MOST_CELLS:
            text = f"{cells:,} combinations of bins, more than {MOST_CELLS:,}: few events would be in each; have fewer"
            wrong.append(Mistake(("variables",), text))
        if self.classes is not None and self.to in self.classes:
            wrong.append(Mistake(("classes",), f"{self.to!r} has the shape that the others get, and keeps it"))
        raise_all(wrong)
        return self


class ReweightSettings(Settings):
    """One reweighting of a task."""

    classes: list[Name] = Field(min_length=2, description="names of the classes, by target")
    reweighting: Reweighting = Field(description="what gets which shape")
