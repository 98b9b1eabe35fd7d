"""What the templates stage may know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field

from snakeroot.physics.expressions.language import parse
from snakeroot.settings import Column, Name, Settings
from snakeroot.systematics.choices import Direction
from snakeroot.systematics.settings import Shifted, Uncertainty
from snakeroot.templates.choices import Binning, NegativeBins

Role = Literal["signal", "background"]


class Filled(Settings):
    """A region, without what it is called in figures."""

    selection: str | None
    observable: str
    binning: Binning
    control: bool = Field(description="whether it may be without signal")

    @property
    def names(self) -> set[str]:
        """What its expressions are made of."""
        texts = [text for text in (self.selection, self.observable) if text]
        return {name for text in texts for name in parse(text).branches}

    @property
    def automatic(self) -> bool:
        """Whether its bins are found on the validation split."""
        return not isinstance(self.binning, list)


class TemplatesSettings(Settings):
    """All regions of a model."""

    task: Name = Field(description="name of the task, for messages and the files")
    model: Name
    predicted: list[str] = Field(min_length=1, description="columns of the predictions that expressions may have")
    signal: list[Name] = Field(min_length=1)
    background: list[Name] = Field(min_length=1)
    data: Name | None = Field(description="what is observed; null: the expectation")
    unsplit: list[Name] = Field([], description="those of them without a class, and so without a validation split")
    recorded: list[Name] = Field([], description="backgrounds that are data, whatever the luminosity")
    regions: dict[Column, Filled] = Field(min_length=1)
    uncertainties: dict[Column, Uncertainty]
    luminosity: float | None = Field(description="relative uncertainty of the luminosity")
    negative_bins: NegativeBins

    @property
    def roles(self) -> dict[Name, Role]:
        """What each sample of which something is expected is: signal first."""
        return {**dict.fromkeys(self.signal, "signal"), **dict.fromkeys(self.background, "background")}

    @property
    def samples(self) -> list[Name]:
        """All whose rows are needed."""
        return [*self.roles, *([self.data] if self.data else [])]

    @property
    def own(self) -> Iterator[tuple[str, Direction, Shifted]]:
        """The variations with rows of their own, in the order of the files given."""
        for name, uncertainty in self.uncertainties.items():
            yield from ((name, direction, one) for direction, one in uncertainty.shifts.items() if one.own)

    @property
    def columns(self) -> list[str]:
        """What is needed of the nominal features."""
        factors = [one.weight for known in self.uncertainties.values() for one in known.shifts.values() if not one.own]
        return self._beside(factors, self.regions.values())

    @property
    def columns_of_bins(self) -> list[str]:
        """What is needed of them to find bins."""
        return self._beside([], [region for region in self.regions.values() if region.automatic])

    def columns_of(self, shifted: Shifted) -> list[str]:
        """What is needed of the features of a variation with rows of its own."""
        return self._beside([shifted.weight], self.regions.values())

    def _beside(self, factors: Iterable[str | None], regions: Iterable[Filled]) -> list[str]:
        names = {name for region in regions for name in region.names}
        names |= {name for text in factors if text for name in parse(text).branches}
        return sorted(names - set(self.predicted))


class FitSettings(Settings):
    """One workspace."""

    task: Name
    model: Name
