"""The search space: which settings of a model are searched, and how a point in it changes them; plain Python."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from snakeroot.errors import hint, shown
from snakeroot.settings import Mistake, Settings, raise_all
from snakeroot.train.point import Point, Scalar

DIGITS = 10
"""Significant digits of a proposed number: Gaussian processes differ between processors from the twelfth on."""


MOST_TRIED = 1000
"""Values of a parameter that are all tried on the model when the config is read; of a longer range a spread is."""

MIXTURES = 24
"""Values of the other parameters with which a value is tried before it is refused."""


def _single(values: Any) -> Any:
    if not isinstance(values, list):
        return values
    if len(values) > MOST_TRIED:
        raise ValueError(
            f"{len(values)} values, {MOST_TRIED} at most, as each is tried on the model: search numbers in a range, as "
            "in 'int: [low, high]', with a 'step' if need be"
        )
    if wrong := [shown(value) for value in values if not isinstance(value, Scalar)]:
        raise ValueError(
            f"single values, which {', '.join(wrong[:3])} are not: numbers, text, true and false (hidden layers of one "
            "size are searched as hidden.layers and hidden.units)"
        )
    if any(isinstance(value, float) and not math.isfinite(value) for value in values):
        raise ValueError("infinity and NaN are no values to search: leave them out")
    return values


Choices = Annotated[list[Scalar], BeforeValidator(_single)]


class Parameter(Settings):
    """One setting that is searched: a range of numbers, a range of whole numbers, or choices."""

    uniform: tuple[float, float] | None = Field(None, alias="float", description="lowest and highest number")
    integer: tuple[int, int] | None = Field(None, alias="int", description="lowest and highest whole number")
    choices: Choices | None = Field(None, min_length=1, description="single values to choose from")
    log: bool = Field(False, description="search evenly in the logarithm of the number")
    step: float | None = Field(None, gt=0, description="between the numbers of a range, counted from the lowest on")
    points: int | None = Field(
        None, ge=2, le=1000, description="how many numbers of a range without steps a grid has; 5 by default"
    )
    when: dict[str, Choices] = Field({}, description="key: values of it for which this setting counts at all")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        raise_all(self._mistakes())
        return self

    def _mistakes(self) -> Iterator[Mistake]:
        given = [kind for kind in (self.uniform, self.integer, self.choices) if kind is not None]
        if len(given) != 1:
            yield Mistake((), "write one of 'float: [low, high]', 'int: [low, high]' and 'choices: [...]'")
            return
        limits = self.uniform or self.integer
        if limits and not limits[0] < limits[1]:
            yield Mistake((), f"the lower limit {limits[0]:g} is not below the upper limit {limits[1]:g}")
        if limits and not math.isfinite(limits[1] - limits[0]):
            yield Mistake((), f"from {limits[0]:g} to {limits[1]:g} is farther than any number: have a narrower range")
        if self.log and (limits is None or limits[0] <= 0):
            yield Mistake(("log",), "'log' is for numbers above 0")
        if self.step is not None and limits is None:
            yield Mistake(("step",), "'step' is for ranges of numbers")
        elif self.step is not None and limits:
            if self.log:
                yield Mistake(("step",), "equal steps are not even in the logarithm: remove 'step' or 'log'")
            if self.integer and not self.step.is_integer():
                yield Mistake(("step",), f"whole numbers have whole steps, not {self.step:g}")
            if _exact(self.step) > _exact(limits[1]) - _exact(limits[0]):
                yield Mistake(("step",), f"a step of {self.step:g} from {limits[0]:g} on leaves the range")
            if self.uniform and self.step < (least := max(map(math.ulp, self.uniform))):
                text = f"numbers up to {max(map(abs, self.uniform)):g} differ by {least:.2g} or more, and not by"
                yield Mistake(("step",), f"{text} {self.step:g}: have larger steps, or remove 'step'")
                return
        if self.points and (limits is None or self.steps is not None):
            yield Mistake(("points",), "a grid has all of these values: remove 'points'")

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest number of a range, the latter being one of its steps; of choices (0, 1)."""
        low, high = self.uniform or self.integer or (0, 1)
        return (low, self.at(self.steps)) if self.steps else (low, high)

    @property
    def continuous(self) -> bool:
        """Whether any number of a range may come; of one with `points`, a grid has those alone."""
        return self.uniform is not None and self.step is None and self.points is None

    @property
    def steps(self) -> int | None:
        """How many steps there are from the lowest to the highest number; None where any number may come."""
        if self.choices is not None or (self.integer is None and self.step is None) or self.log:
            return None
        low, high = self.uniform or self.integer or (0, 1)
        return int((_exact(high) - _exact(low)) // _exact(self.step or 1))

    def at(self, number: int) -> float:
        """Return the number after so many steps, as it would be written."""
        low, step = (self.uniform or self.integer or (0, 1))[0], self.step or 1
        value = _exact(low) + number * _exact(step)
        return int(value) if self.integer is not None else float(value)

    def has(self, value: Scalar) -> bool:
        """Whether a search may propose the value."""
        if self.choices is not None:
            return value in self.choices
        if isinstance(value, str):
            return False
        low, high = self.limits
        whole = self.steps is not None or self.integer is not None
        return low <= value <= high and (not whole or self.fitting(value) == value)

    def values_near(self, value: Scalar) -> str:
        """Say which values a search may propose, for somebody who took this one for one of them."""
        if self.choices is not None:
            return hint(str(value), map(str, self.choices))
        low, high = self.limits
        return f"it goes from {low:g} to {high:g}{f' in steps of {self.step or 1:g}' if self.steps is not None else ''}"

    @functools.cached_property
    def examples(self) -> list[Scalar]:
        """The values by which to judge the parameter: all of them if they are few, else both ends and a spread."""
        if self.choices is not None:
            return list(self.choices)
        if self.integer is not None and self.log and self.integer[1] - self.integer[0] < MOST_TRIED:
            return list(range(self.integer[0], self.integer[1] + 1))
        if self.steps is not None and self.steps < MOST_TRIED:
            return [self.at(number) for number in range(self.steps + 1)]
        # by shares of the golden ratio, which fall on odd and even numbers alike
        return [*dict.fromkeys([*self.limits, *(unit(self, number * 0.618034 % 1) for number in range(1, MIXTURES))])]

    def grid(self) -> list[Scalar]:
        """Return the values that a grid takes: all choices, all numbers with steps between them, else `points`."""
        if self.choices is not None:
            return list(self.choices)
        if self.steps is not None:
            return [self.at(number) for number in range(self.steps + 1)]
        low, high = self.limits
        shares = [number / (self.size() - 1) for number in range(self.size())]
        numbers = [low * (high / low) ** share if self.log else low + (high - low) * share for share in shares]
        return list(dict.fromkeys(map(self.fitting, numbers)))

    def size(self) -> int:
        """Return how many values a grid takes, without making them."""
        if self.choices is not None:
            return len(self.choices)
        return self.points or 5 if self.steps is None else self.steps + 1

    def fitting(self, value: Scalar) -> Scalar:
        """Return a number as it is proposed: within the limits, at a step, and rounded."""
        if self.choices is not None:
            return value
        low, high = self.limits
        if self.steps is not None:
            return self.at(min(max(round((float(value) - low) / (self.step or 1)), 0), self.steps))
        if self.integer is not None:
            return round(float(value))
        return min(max(float(f"{value:.{DIGITS}g}"), low), high)


def _exact(number: float) -> Decimal:
    """The number as it is written, in which 0.1 three times is 0.3."""
    return Decimal(repr(number))


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


def grid_size(space: Mapping[str, Parameter]) -> int:
    """Return how many points the grid has at most; fewer where some settings switch others off."""
    return math.prod(parameter.size() for parameter in space.values())


def probes(space: Mapping[str, Parameter], key: str, value: Scalar) -> Iterator[dict[str, Scalar]]:
    """Yield points that have this value: at first with what it depends on alone, then with all others in many ways."""
    needed = {key: value}
    waiting = [key]
    while waiting:
        for other, values in space[waiting.pop()].when.items():
            needed[other] = values[0]
            waiting.append(other)
    yield needed
    source = random.Random(0)  # noqa: S311 - not for secrets
    for _ in range(MIXTURES):
        others = {other: source.choice(parameter.examples) for other, parameter in space.items()}
        yield active(space, others | needed)


def order(space: Mapping[str, Parameter]) -> list[str]:
    """Return the keys, each after those that it depends on; not all of them if some depend on each other."""
    placed: list[str] = []
    while ready := [key for key in space if key not in placed and set(space[key].when) <= set(placed)]:
        placed += ready
    return placed


def unit(parameter: Parameter, share: float) -> Scalar:
    """Return the value at a share in [0, 1] of a range, evenly in the logarithm if so asked."""
    if parameter.steps is not None:  # each has an equal share
        return parameter.at(min(int(share * (parameter.steps + 1)), parameter.steps))
    low, high = parameter.limits
    if parameter.integer is not None:
        low, high = low - 0.5, high + 0.5
    value = math.exp(math.log(low) + share * math.log(high / low)) if parameter.log else low + share * (high - low)
    if parameter.integer is not None:
        return int(min(max(round(value), parameter.integer[0]), parameter.integer[1]))
    return parameter.fitting(value)
