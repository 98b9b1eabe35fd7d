"""What a user writes of systematic uncertainties: of a task, or of its templates alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field, model_validator

from snakeroot.features.inputs import Expression, ExpressionOrNumber
from snakeroot.settings import Column, Mistake, Name, Settings, raise_all

Direction = Literal["up", "down"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down")


class Variation(Settings):
    """What differs in one direction of a systematic uncertainty."""

    weight: ExpressionOrNumber | None = Field(
        None, description="factor on the weight of each event: an expression of features and spectators"
    )
    features: dict[Column, ExpressionOrNumber] = Field({}, description="expressions in place of those of the task")
    definitions: dict[Column, Expression] = Field({}, description="the same of definitions")
    tree: str | None = Field(None, min_length=1, description="another tree of the same files")
    files: list[str] | None = Field(None, min_length=1, description="other files, as of a sample; of one sample alone")
    cross_section: float | None = Field(None, gt=0, description="that of the other files or tree [pb]")
    generated: float | None = Field(None, gt=0, description="what was generated for them, if it differs")

    @property
    def own(self) -> bool:
        """Whether it has rows of its own, which are read and scored; a weight alone has those of the nominal ones."""
        return bool(self.features or self.definitions or self.tree or self.files)

    @property
    def elsewhere(self) -> bool:
        """Whether its events are read from elsewhere."""
        return bool(self.tree or self.files)

    @model_validator(mode="after")
    def _something(self) -> Self:
        raise_all(self._mistakes())
        return self

    def _mistakes(self) -> Iterator[Mistake]:
        if not self.own and self.weight is None:
            yield Mistake((), "nothing varies: give 'weight', 'features', 'definitions', 'tree' or 'files'")
        for key in ("cross_section", "generated"):
            if getattr(self, key) is not None and not self.elsewhere:
                yield Mistake((key,), "it is of other files, or of another tree, and none is named")


class Systematic(Settings):
    """An uncertainty that moves templates together: one parameter of the fit."""

    samples: list[Name] | None = Field(
        None, min_length=1, description="samples that it is of; by default all with a class, and all of the templates"
    )
    normalisation: float | None = Field(
        None, gt=0, lt=1, description="relative uncertainty of the yields, as 0.05, in place of up and down"
    )
    up: Variation | None = Field(None, description="what differs at +1 standard deviation")
    down: Variation | None = Field(None, description="at -1; by default the mirror image of `up`, 2 nominal - up")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.normalisation is None) == (self.up is None):
            raise ValueError("an uncertainty has either 'normalisation' or 'up' (and 'down')")
        if self.down and not self.up:
            raise ValueError("'down' without 'up'")
        return self

    @property
    def variations(self) -> dict[Direction, Variation]:
        """Those that are given, by direction."""
        known = {"up": self.up, "down": self.down}
        return {direction: one for direction in DIRECTIONS if (one := known[direction])}
