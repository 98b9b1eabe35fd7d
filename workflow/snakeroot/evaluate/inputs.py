"""`python -m snakeroot.evaluate.inputs`: the distribution of one feature in each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure

from snakeroot import plotting, tables
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.settings import Input
from snakeroot.files import read_json


def make(
    settings: Input,
    features: Annotated[list[Path], "features of all samples and parts (Parquet)"],
    normalisation: Annotated[Path, "factor from weight to yield of each sample (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the distribution of a feature in each sample, with unit sum; a sample without a class is a dashed line.

    Raises:
        SnakerootError: if it is a spectator that holds text, which has no axis.
    """
    stem = plotting.stem(figure)
    kind = tables.open_parquet(features[0]).schema_arrow.field(settings.feature).type
    if pa.types.is_string(kind):
        raise SnakerootError(
            f"evaluation.axes.{settings.feature}: the spectator holds text, which has no histogram: remove its axis"
        )
    table = tables.read_all(features, ["sample", "weight", settings.feature]).to_pandas()
    factors = {name: facts["factor"] for name, facts in read_json(normalisation)["samples"].items()}
    with plotting.style():
        drawn, numbers = draw(settings, table, factors)
    plotting.save(drawn, stem, numbers)


def draw(settings: Input, table: pd.DataFrame, factors: dict[str, float]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms, from a table with sample, weight and the feature."""
    axis = settings.axis
    figure, [axes] = plotting.panels(1, luminosity=settings.luminosity, energy=settings.energy)
    if axis.log:
        axes.set_yscale("log")
    limits, bins = axis.range, axis.bins
    if limits is None:
        limits, bins = plotting.binning(table[settings.feature].to_numpy(), axis.bins, settings.feature)
    numbers, contents = [], []
    colours = plotting.colours(sample.role for sample in settings.samples)
    for sample, colour in zip(settings.samples, colours, strict=True):
        rows = table[table["sample"] == sample.name]
        filled = plotting.histogram(rows[settings.feature], rows["weight"], limits, bins)
        events = float(rows["weight"].sum()) * factors[sample.name]
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        if settings.luminosity:
            label += f": {events:.3g} events" if abs(events) < 1000 else f": {events:,.0f} events"
        shown = plotting.fractions(filled)
        if shown is filled:  # fractions would mean nothing
            label += " (undivided: its weights cancel)"
        look: dict[str, Any] = {"color": colour, "label": label, "linestyle": "-" if sample.role else "--"}
        plotting.draw_steps(axes, shown, fill=sample.role == "signal", band=sample.role is not None, **look)
        numbers.append(plotting.frame(shown, sample=sample.name))
        contents.append(shown.values())
    if axis.log:
        axes.set_ylim(plotting.log_floor(contents), 2 * max(float(content.max()) for content in contents))
    else:
        axes.set_ylim(bottom=min(0.0, *(float(content.min()) for content in contents)))
    plotting.headroom(axes, 0.07 + 0.06 * len(settings.samples))
    axes.set(xlabel=plotting.axis_label(axis.label, axis.unit, settings.feature), xlim=limits)
    axes.set_ylabel(f"Fraction of events{plotting.per_bin(filled, axis.unit)}")
    axes.legend(loc="upper right")
    return figure, pd.concat(numbers, ignore_index=True)


if __name__ == "__main__":
    main(make)
