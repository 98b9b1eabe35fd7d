"""What a user writes under `templates:` of a task."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from snakeroot.features.inputs import Expression
from snakeroot.labels import Label
from snakeroot.settings import Column, Mistake, Name, Settings, raise_all
from snakeroot.systematics.choices import Systematic

MOST_BINS = 1000
"""Bins of a template: far more than a fit has use for."""

NegativeBins = Literal["zero", "keep", "error"]


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
    systematics: dict[Column, Systematic] = Field(
        {}, description="uncertainties of the templates alone, beside the task's `systematics`"
    )
    luminosity_uncertainty: float | None = Field(
        None, gt=0, lt=1, description="relative uncertainty of the luminosity, as 0.016"
    )
    negative_bins: NegativeBins = Field(
        "zero", description="what to do with bins of a sample below 0: set them to 0, keep them or refuse; counted"
    )
