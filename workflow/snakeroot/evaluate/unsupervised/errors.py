"""How badly a model describes the rows of each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask, Sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.representations import Representations

TITLE, ORDER = "Errors", 40
SUBJECT = "model"
READS = ("test",)

BINS = 30


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    samples: list[Sample]


def draw(settings: Shown, test: Representations) -> tuple[Figure, pd.DataFrame]:
    """Draw the distribution of the error in each sample, with unit sum; of several replicas, the mean of theirs.

    Where the range is above zero, the axis and its bins are logarithmic.
    """
    import numpy as np
    import pandas as pd

    figure, [axes] = plotting.panels(1, stated=settings)
    error = np.mean(test.errors, axis=0)
    limits = plotting.span(error, "error")
    log = limits[0] > 0
    if log:
        axes.set_xscale("log")
    numbers, drawn, highest = [], [], 0.0
    colours = plotting.of_samples(settings.samples)
    for sample in [sample for sample in settings.samples if sample.name in test.samples]:
        rows = test.sample == test.samples.index(sample.name)
        filled = plotting.histogram(error[rows], test.weight[rows], limits, BINS, log=log)
        view: Any = filled.view(flow=True)
        view["variance"] *= len(test.event) / (int(test.event.max()) + 1)  # copies of an event are not independent
        fractions = plotting.fractions(filled)
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        label += f": mean {mean(error, test.weight, rows):.3g}"
        plotting.draw_steps(axes, fractions, color=colours[sample.name], label=label)
        numbers.append(plotting.frame(fractions, sample=sample.name))
        drawn.append(fractions)
        highest = max(highest, float(np.max(fractions.values())))
    axes.set_ylim(0, 1.1 * highest)
    axes.set(xlabel="Error of a row", ylabel=f"Fraction of {settings.rows} / bin", xlim=limits)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f" (mean of {len(test.errors)})" if len(test.errors) > 1 else ""
    plotting.crown([axes], [plotting.outside(drawn)], loc="upper right", title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def mean(error: plotting.Floats, weight: plotting.Floats, rows: Any) -> float:
    """Return the weighted mean of the error of some rows; NaN if they weigh nothing."""
    from snakeroot.data.cancellation import add_up

    own = weight[rows]
    return float((error[rows] * own).sum() / own.sum()) if add_up(own) else float("nan")
