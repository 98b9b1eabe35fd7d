"""`python -m snakeroot.evaluate.unsupervised.errors`: how badly a model describes the rows of each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.cancellation import add_up
from snakeroot.command import main
from snakeroot.evaluate.described import Described, read
from snakeroot.evaluate.unsupervised.settings import Described as Settings

BINS = 30


def make(
    settings: Settings,
    predictions: Annotated[Path, "predictions of the test split (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the distribution of the error in each sample, with unit sum."""
    stem = plotting.stem(figure)
    found = read(predictions, "test", settings.model.name)
    with plotting.style():
        drawn, numbers = draw(settings, found)
    plotting.save(drawn, stem, numbers)


def draw(settings: Settings, found: Described) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms; of several replicas, the error is the mean of theirs.

    Where the range is above zero, the axis and its bins are logarithmic.
    """
    figure, [axes] = plotting.panels(1, stated=settings)
    error = np.mean(found.errors, axis=0)
    limits = plotting.span(error, "error")
    log = limits[0] > 0
    if log:
        axes.set_xscale("log")
    numbers, drawn, highest = [], [], 0.0
    colours = plotting.of_samples(settings.samples)
    for sample in [sample for sample in settings.samples if sample.name in found.samples]:
        rows = found.sample == found.samples.index(sample.name)
        filled = plotting.histogram(error[rows], found.weight[rows], limits, BINS, log=log)
        view: Any = filled.view(flow=True)
        view["variance"] *= len(found.event) / (int(found.event.max()) + 1)  # copies of an event are not independent
        fractions = plotting.fractions(filled)
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        label += f": mean {mean(error, found.weight, rows):.3g}"
        plotting.draw_steps(axes, fractions, color=colours[sample.name], label=label)
        numbers.append(plotting.frame(fractions, sample=sample.name))
        drawn.append(fractions)
        highest = max(highest, float(np.max(fractions.values())))
    axes.set_ylim(0, 1.1 * highest)
    axes.set(xlabel="Error of a row", ylabel=f"Fraction of {settings.rows} / bin", xlim=limits)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f" (mean of {len(found.errors)})" if len(found.errors) > 1 else ""
    plotting.crown([axes], [plotting.outside(drawn)], loc="upper right", title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def mean(error: plotting.Floats, weight: plotting.Floats, rows: Any) -> float:
    """Return the weighted mean of the error of some rows; NaN if they weigh nothing."""
    own = weight[rows]
    return float((error[rows] * own).sum() / own.sum()) if add_up(own) else float("nan")


if __name__ == "__main__":
    main(make)
