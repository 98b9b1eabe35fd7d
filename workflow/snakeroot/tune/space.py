"""The search space: which settings of a model are searched, and how a point in it changes them; plain Python."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from snakeroot.settings import Settings

Scalar = bool | int | float | str
Point = Mapping[str, Scalar]
"""A value for each parameter of a space, by its key."""

DIGITS = 10
"""Significant digits of a proposed number: Gaussian processes differ between processors from the twelfth on."""


class Parameter(Settings):
    """One setting that is searched: a range of numbers, a range of whole numbers, or choices."""

    uniform: tuple[float, float] | None = Field(None, alias="float", description="lowest and highest number")
    integer: tuple[int, int] | None = Field(None, alias="int", description="lowest and highest whole number")
    choices: list[Scalar] | None = Field(None, min_length=1, description="values to choose from")
    log: bool = Field(False, description="search evenly in the logarithm of the number")
    points: int = Field(5, ge=2, le=1000, description="of a range of numbers, in a grid")
    when: dict[str, list[Scalar]] = Field({}, description="key: values of it for which this setting counts at all")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in (self.uniform, self.integer, self.choices) if kind is not None]
        if len(given) != 1:
            raise ValueError("write one of 'float: [low, high]', 'int: [low, high]' and 'choices: [...]'")
        if (limits := self.uniform or self.integer) and not limits[0] < limits[1]:
            raise ValueError(f"the lower limit {limits[0]:g} is not below the upper limit {limits[1]:g}")
        if self.log and (limits is None or limits[0] <= 0):
            raise ValueError("'log' is for numbers above 0")
        return self

    @property
    def extremes(self) -> list[Scalar]:
        """The values between which, or among which, all others are."""
        return list(self.choices or self.uniform or self.integer or [])

    def grid(self) -> list[Scalar]:
        """Return the values that a grid takes: all choices, all whole numbers, `points` numbers."""
        if self.choices is not None:
            return list(self.choices)
        if self.integer is not None and not self.log:
            return list(range(self.integer[0], self.integer[1] + 1))
        low, high = self.uniform or self.integer or (0, 0)
        shares = [number / (self.points - 1) for number in range(self.points)]
        found = [low * (high / low) ** share if self.log else low + (high - low) * share for share in shares]
        return list(dict.fromkeys(map(self.fitting, found)))

    def fitting(self, value: Scalar) -> Scalar:
        """Return a number as it is proposed: within the limits, and rounded."""
        if self.uniform is not None:
            return min(max(float(f"{value:.{DIGITS}g}"), self.uniform[0]), self.uniform[1])
        return round(float(value)) if self.integer is not None else value


def active(space: Mapping[str, Parameter], point: Point) -> dict[str, Scalar]:
    """Return the part of a point that counts: the others are of settings that the point switches off."""

    def counts(key: str) -> bool:
        return all(
            other in point and counts(other) and point[other] in space[key].when[other] for other in space[key].when
        )

    return {key: value for key, value in point.items() if counts(key)}


def grid(space: Mapping[str, Parameter]) -> list[dict[str, Scalar]]:
    """Return all points of the grid that differ in what counts, each once."""
    seen: dict[tuple[tuple[str, Scalar], ...], dict[str, Scalar]] = {}
    for values in itertools.product(*(parameter.grid() for parameter in space.values())):
        counting = active(space, dict(zip(space, values, strict=True)))
        seen.setdefault(tuple(counting.items()), counting)
    return list(seen.values())


def applied(model: Mapping[str, Any], point: Point) -> dict[str, Any]:
    """Return a model's settings with those of the point put in; "training.learning_rate" is a key within a key.

    A `name` that changes makes the mapping that it is in anew, as the options of another schedule would not fit it.
    """
    changed = copy.deepcopy(dict(model))
    for key, value in sorted(point.items(), key=lambda item: not item[0].endswith(".name")):
        *above, last = key.split(".")
        place = changed
        for name in above:
            if not isinstance(place.get(name), dict):  # a name alone stands for a mapping with it
                place[name] = {"name": place[name]} if isinstance(place.get(name), str) else {}
            place = place[name]
        if last == "name" and place.get("name") != value:
            place.clear()
        place[last] = value
    return changed


def probes(space: Mapping[str, Parameter]) -> Iterator[tuple[str, dict[str, Scalar]]]:
    """Yield points that between them have all extremes of all parameters, each with the key that it is about."""
    for key in space:
        needed: dict[str, Scalar] = {}
        waiting = [key]
        while waiting:
            for other, values in space[waiting.pop()].when.items():
                needed[other] = values[0]
                waiting.append(other)
        for value in space[key].extremes:
            yield key, {**needed, key: value}


def order(space: Mapping[str, Parameter]) -> list[str]:
    """Return the keys, each after those that it depends on; not all of them if some depend on each other."""
    placed: list[str] = []
    while ready := [key for key in space if key not in placed and set(space[key].when) <= set(placed)]:
        placed += ready
    return placed


def unit(parameter: Parameter, share: float) -> Scalar:
    """Return the value at a share in [0, 1] of a range, evenly in the logarithm if so asked."""
    low, high = parameter.uniform or parameter.integer or (0, 0)
    if parameter.integer is not None:  # each whole number has an equal share
        low, high = low - 0.5, high + 0.5
    value = math.exp(math.log(low) + share * math.log(high / low)) if parameter.log else low + share * (high - low)
    if parameter.integer is not None:
        return int(min(max(round(value), parameter.integer[0]), parameter.integer[1]))
    return parameter.fitting(value)
