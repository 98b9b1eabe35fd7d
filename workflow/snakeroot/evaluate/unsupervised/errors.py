"""`python -m snakeroot.evaluate.unsupervised.errors`: how badly a model describes the rows of each sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import hist
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

    Where all errors are above zero, the axis and its bins are logarithmic.
    """
    figure, [axes] = plotting.panels(1, luminosity=settings.luminosity, energy=settings.energy)
    error = np.mean(found.errors, axis=0)
    limits = plotting.span(error, "error")
    log = limits[0] > 0
    if log:
        axes.set_xscale("log")
    numbers, highest = [], 0.0
    shown = [sample for sample in settings.samples if sample.name in found.samples]
    for sample, colour in zip(shown, plotting.colours(sample.role for sample in shown), strict=True):
        rows = found.sample == found.samples.index(sample.name)
        transform = hist.axis.transform.log if log else None
        filled = hist.Hist(hist.axis.Regular(BINS, *limits, transform=transform), storage=hist.storage.Weight())
        filled.fill(error[rows], weight=found.weight[rows])
        view: Any = filled.view(flow=True)
        view["variance"] *= len(found.event) / (int(found.event.max()) + 1)  # copies of an event are not independent
        fractions = plotting.fractions(filled)
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        plotting.draw_steps(axes, fractions, color=colour, label=f"{label}: mean {mean(error, found.weight, rows):.3g}")
        numbers.append(plotting.frame(fractions, sample=sample.name))
        highest = max(highest, float(np.max(fractions.values())))
    axes.set_ylim(0, 1.1 * highest)
    plotting.headroom(axes, 0.12 + 0.06 * len(shown))
    axes.set(xlabel="Error of a row", ylabel="Fraction of events / bin", xlim=limits)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f" (mean of {len(found.errors)})" if len(found.errors) > 1 else ""
    axes.legend(loc="upper right", title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def mean(error: plotting.Floats, weight: plotting.Floats, rows: Any) -> float:
    """Return the weighted mean of the error of some rows; NaN if they weigh nothing."""
    own = weight[rows]
    return float((error[rows] * own).sum() / own.sum()) if add_up(own) else float("nan")


if __name__ == "__main__":
    main(make)
