"""The distribution of one feature in each sample."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.plotting.settings import Axis, OfTask, Sample
from snakeroot.settings import Column, Name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.distributions import Distribution

TITLE, ORDER = "Input", 10
SUBJECT = "feature"
READS = ("features", "normalisation")


class Shown(OfTask):
    """What it shows."""

    feature: Column = Field(description="the feature (or spectator) shown")
    axis: Axis
    missing: bool = Field(
        False, exclude_if=lambda missing: not missing, description="whether it may be missing, where it is NaN"
    )
    samples: list[Sample]
    recorded: list[Name] = Field(
        [],
        exclude_if=lambda recorded: not recorded,
        description="samples that are data, each event of which counts once",
    )


def draw(settings: Shown, features: list[Path], normalisation: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the distribution of a feature in each sample, with unit sum; a sample without a class is a dashed line.

    Raises:
        SnakerootError: if it is a spectator that holds text, which has no axis.
    """
    from snakeroot.data.once import Once
    from snakeroot.evaluate.distributions import distribution

    check_axis(settings.feature, features[0])
    once = Once(features, settings.recorded)
    names = [sample.name for sample in settings.samples]
    found = distribution(once.of(settings.feature), settings.feature, settings.axis, names)
    factors = {name: one["factor"] for name, one in normalisation["samples"].items()}
    return histograms(settings, found, factors, once.copies)


def check_axis(feature: str, features: Path) -> None:
    """Raise a SnakerootError if a column of the features holds text, which has no axis."""
    import pyarrow as pa

    from snakeroot.data import tables

    if pa.types.is_string(tables.open_parquet(features).schema_arrow.field(feature).type):
        raise SnakerootError(
            f"evaluation.axes.{feature}: the spectator holds text, which has no histogram: remove its axis"
        )


def histograms(
    settings: Shown, found: Distribution, factors: dict[str, float], copies: int = 0
) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms, from those of all samples.

    Args:
        copies: rows of recorded events that are not in them, as others of their event are.
    """
    import pandas as pd

    axis = settings.axis
    figure, [axes] = plotting.panels(1, stated=settings)
    if axis.log:
        axes.set_yscale("log")
    filled = [found.samples[sample.name].histogram for sample in settings.samples]
    undefined = [found.samples[sample.name].undefined_share for sample in settings.samples]
    numbers, contents = [], []
    colours = plotting.of_samples(settings.samples)
    for sample, own in zip(settings.samples, filled, strict=True):
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        if settings.luminosity:
            total = found.samples[sample.name].total * factors[sample.name]
            label += f": {plotting.counted(total, settings.rows)}"
        shown = plotting.fractions(own)
        if shown is own:  # fractions would mean nothing
            label += " (undivided: its weights cancel)"
        style = "-" if sample.class_name else "--"
        look: dict[str, Any] = {"color": colours[sample.name], "label": label, "linestyle": style}
        plotting.draw_steps(axes, shown, fill=sample.class_name == "signal", band=sample.class_name is not None, **look)
        numbers.append(plotting.frame(shown, sample=sample.name))
        contents.append(shown.values())
    if found.whole:
        plotting.whole_numbers(axes.xaxis)
    if axis.log:
        axes.set_ylim(plotting.log_floor(contents), 2 * max(float(content.max()) for content in contents))
    else:
        axes.set_ylim(bottom=min(0.0, *(float(content.min()) for content in contents)))
    axes.set(xlabel=plotting.axis_label(axis.label, axis.unit, settings.feature), xlim=found.limits)
    axes.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(filled[0], axis.unit)}")
    notes = [f"{copies:,} {'copy' if copies == 1 else 'copies'} of recorded {settings.rows} left out"] if copies else []
    notes += filter(None, [plotting.outside(filled, undefined, "missing" if settings.missing else "undefined")])
    plotting.crown([axes], ["\n".join(notes)], loc="upper right")
    return figure, pd.concat(numbers, ignore_index=True)
