"""`python -m snakeroot.evaluate.inputs`: the distribution of one feature in each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pyarrow as pa
from matplotlib.figure import Figure

from snakeroot import plotting, tables
from snakeroot.cancellation import add_up
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
    figure, [axes] = plotting.panels(1, stated=settings)
    if axis.log:
        axes.set_yscale("log")
    limits, bins = axis.range, axis.bins
    if limits is None:
        limits, bins = plotting.binning(table[settings.feature].to_numpy(), axis.bins, settings.feature)
    numbers, contents, filled, undefined = [], [], [], []
    colours = plotting.of_samples(settings.samples)
    for sample in settings.samples:
        rows = table[table["sample"] == sample.name]
        values, weights = rows[settings.feature].to_numpy(), rows["weight"].to_numpy()
        known = rows[settings.feature].notna().to_numpy()  # a spectator need not be
        filled.append(plotting.histogram(values[known], weights[known], limits, bins))
        undefined.append(float(weights[~known].sum() / weights.sum()) if add_up(weights) else 0.0)
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        if settings.luminosity:
            label += f": {plotting.counted(float(weights.sum()) * factors[sample.name], settings.rows)}"
        shown = plotting.fractions(filled[-1])
        if shown is filled[-1]:  # fractions would mean nothing
            label += " (undivided: its weights cancel)"
        style = "-" if sample.role else "--"
        look: dict[str, Any] = {"color": colours[sample.name], "label": label, "linestyle": style}
        plotting.draw_steps(axes, shown, fill=sample.role == "signal", band=sample.role is not None, **look)
        numbers.append(plotting.frame(shown, sample=sample.name))
        contents.append(shown.values())
    if plotting.are_whole(table[settings.feature].to_numpy()):
        plotting.whole_numbers(axes.xaxis)
    if axis.log:
        axes.set_ylim(plotting.log_floor(contents), 2 * max(float(content.max()) for content in contents))
    else:
        axes.set_ylim(bottom=min(0.0, *(float(content.min()) for content in contents)))
    axes.set(xlabel=plotting.axis_label(axis.label, axis.unit, settings.feature), xlim=limits)
    axes.set_ylabel(f"Fraction of {settings.rows}{plotting.per_bin(filled[0], axis.unit)}")
    plotting.crown([axes], [plotting.outside(filled, undefined)], loc="upper right")
    return figure, pd.concat(numbers, ignore_index=True)


if __name__ == "__main__":
    main(make)
