"""What the systematics stage may know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from snakeroot.networks.objectives import Kind, Residual
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import Column, Name, Settings
from snakeroot.systematics.choices import DIRECTIONS, Direction


class Shifted(Settings):
    """One direction of an uncertainty."""

    weight: str | None = Field(description="factor on the weight of each event")
    own: bool = Field(description="whether it has rows of its own, whose files are given")
    parts: int = Field(0, ge=0, description="how many of the features of variations are its")
    generated: bool = Field(False, description="whether it says how many events were generated")


class Uncertainty(Settings):
    """What moves together."""

    samples: list[Name] = Field(min_length=1)
    normalisation: float | None = Field(description="relative uncertainty of the yields")
    up: Shifted | None
    down: Shifted | None = Field(description="null: the mirror image of up")

    @property
    def shifts(self) -> dict[Direction, Shifted]:
        """Those that are given, by direction."""
        known = {"up": self.up, "down": self.down}
        return {direction: one for direction in DIRECTIONS if (one := known[direction])}


class SystematicsSettings(Settings):
    """All models of a task."""

    task: Name = Field(description="name of the task, for messages and the file")
    kind: Kind
    classes: list[Name] = Field(description="by target; none where targets are no classes")
    samples: dict[Name, Name | None] = Field(min_length=1, description="those that are split, and the class of each")
    predicted: list[str] = Field(min_length=1, description="columns of the predictions")
    residual: Residual = Field("absolute", description="of a regression")
    yields: bool = Field(False, description="of a binary task: whether weights are yields at a luminosity")
    models: list[Name] = Field(min_length=1, description="in the order of the files given")
    uncertainties: dict[Column, Uncertainty] = Field(min_length=1)

    @property
    def own(self) -> Iterator[tuple[str, Direction, Shifted]]:
        """The variations with rows of their own, in the order of the files given."""
        for name, uncertainty in self.uncertainties.items():
            yield from ((name, direction, one) for direction, one in uncertainty.shifts.items() if one.own)

    @property
    def read(self) -> list[str]:
        """Columns of the predictions that are needed."""
        return [*self.predicted, *(["target"] if self.kind == "regression" else [])]

    @property
    def columns(self) -> list[str]:
        """What is needed of the nominal features."""
        shifts = [one for known in self.uncertainties.values() for one in known.shifts.values()]
        return names_in(one.weight for one in shifts if not one.own)


def names_in(expressions: Iterable[str | None]) -> list[str]:
    """Return the names that expressions are made of, sorted."""
    return sorted({name for text in expressions if text for name in parse(text).branches})
