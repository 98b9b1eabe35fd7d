"""What a user writes under `templates:` of a task."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from snakeroot.features.inputs import Expression, ExpressionOrNumber
from snakeroot.labels import Label
from snakeroot.settings import Column, Mistake, Name, Settings, raise_all

MOST_BINS = 1000
"""Bins of a template: far more than a fit has use for."""

NegativeBins = Literal["zero", "keep", "error"]

Direction = Literal["up", "down"]
DIRECTIONS: tuple[Direction, ...] = ("up", "down")


def _ascending(edges: list[float]) -> list[float]:
    for place, (low, high) in enumerate(pairwise(edges)):
        if not low < high:
            raise_all([Mistake((place + 1,), f"edges ascend, and {high:g} is not above {low:g}")])
    return edges


Edges = Annotated[list[float], Field(min_length=2, max_length=MOST_BINS + 1), AfterValidator(_ascending)]
Range = Annotated[list[float], Field(min_length=2, max_length=2), AfterValidator(_ascending)]


class Quantiles(Settings):
    """Bins that hold equal shares of some samples, found on the validation split."""

    quantiles: int = Field(ge=1, le=MOST_BINS, description="number of bins, each with the same yield of the samples")
    samples: list[Name] | None = Field(
        None, min_length=1, description="samples with a class whose quantiles these are; the background by default"
    )
    range: Range | None = Field(
        None,
        description="low and high end; what is outside is left out. By default from the least to the largest value, "
        "of a score from 0 to 1, and what lies beyond belongs to the outermost bins",
    )


class Optimised(Settings):
    """Bins with the largest Asimov significance on the validation split."""

    optimised: int = Field(ge=1, le=100, description="number of bins, at most")
    background: float = Field(
        10.0, gt=0, description="effective background events of the validation split in each bin, at least: (Σw)² / Σw²"
    )
    range: Range | None = Field(None, description="as of quantiles")


def _kind(value: Any) -> str:
    if isinstance(value, Quantiles) or (isinstance(value, dict) and "quantiles" in value):
        return "~quantiles"
    return "~optimised" if isinstance(value, dict | Optimised) else "~edges"


Binning = Annotated[
    Annotated[Edges, Tag("~edges")] | Annotated[Quantiles, Tag("~quantiles")] | Annotated[Optimised, Tag("~optimised")],
    Discriminator(_kind),
]


class Region(Settings):
    """A part of the events, and what is filled of them."""

    selection: Expression | None = Field(
        None, description="condition on features, spectators and what is predicted, as `score > 0.8`; all by default"
    )
    observable: Expression = Field(description="what is filled: a number of the same")
    binning: Binning = Field(
        description="edges of the bins; or `{quantiles: 5}`, or `{optimised: 8}`, found on the validation split"
    )
    control: bool = Field(False, description="whether it may be without signal")
    label: Label = Field("", description="text of the axis; the observable by default")


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
        None, min_length=1, description="samples that it is of; all of signal and background by default"
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


class Templates(Settings):
    """The part `templates:` of a task: histograms for a fit, of each model."""

    signal: list[Name] | None = Field(
        None, min_length=1, description="samples whose strength is fitted; by default those of class signal"
    )
    background: list[Name] | None = Field(
        None, min_length=1, description="all others; by default those of class background"
    )
    data: Name | None = Field(
        None, description="recorded sample without a class that is observed; by default the expectation is (Asimov)"
    )
    regions: dict[Column, Region] = Field(min_length=1, description="name: selection, observable, binning")
    systematics: dict[Column, Systematic] = Field({}, description="name: what it changes, of which samples")
    luminosity_uncertainty: float | None = Field(
        None, gt=0, lt=1, description="relative uncertainty of the luminosity, as 0.016"
    )
    negative_bins: NegativeBins = Field(
        "zero", description="what to do with bins of a sample below 0: set them to 0, keep them or refuse; counted"
    )
