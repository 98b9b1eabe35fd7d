"""Where a model puts the rows of each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.plotting.settings import Labelled, OfTask, Sample

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.representations import Representations

TITLE, ORDER = "Coordinates", 41
SUBJECT = "model"
READS = ("test",)

BINS, POINTS = 50, 250
MARGIN = 0.15
"""Of the range, added on either side, so that contours close."""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    clusters: bool = Field(False, description="whether what the model finds are memberships of clusters")
    samples: list[Sample]
    seed: int = Field(ge=0, description="seed of the choice of rows shown as points")


def applies(settings: Shown) -> bool:
    """Whether the model finds coordinates."""
    return not settings.clusters


def draw(settings: Shown, test: Representations) -> tuple[Figure, pd.DataFrame]:
    """Draw density contours and some rows of each sample in the plane of the first two coordinates.

    They are those of the first network; of one coordinate it is a histogram.

    Raises:
        SnakerootError: if the model finds no coordinates.
    """
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.unsupervised._density import CELLS, contours, density

    if not test.coordinates[0].shape[1]:
        raise SnakerootError(f"model {settings.model.name} finds no coordinates")
    rows = test.of_first()
    coordinates, weight, sample = test.coordinates[0][rows], test.weight[rows], test.sample[rows]
    plane = coordinates.shape[1] > 1
    size = (6.4, 5.6) if plane else (plotting.WIDTH, plotting.HEIGHT)
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    shown = [one for one in settings.samples if one.name in test.samples]
    limits = [wider(plotting.span(column, "coordinate")) for column in coordinates.T[:2]]
    random = np.random.default_rng(settings.seed)
    numbers, filled, beyond = [], [], []
    colours = plotting.of_samples(settings.samples)
    for one in shown:
        colour = colours[one.name]
        label = plotting.checked(one.label, f"evaluation.labels.{one.name}")
        own = sample == test.samples.index(one.name)
        if plane:
            chosen = np.sort(random.choice(np.flatnonzero(own), min(POINTS, int(own.sum())), replace=False))
            axes.scatter(
                coordinates[chosen, 0],
                coordinates[chosen, 1],
                s=7,
                color=colour,
                alpha=0.45,
                linewidth=0,
                rasterized=True,
            )
            cells = density(coordinates[own, :2], weight[own], limits)
            inside = [
                plotting.within(column, np.linspace(*ends, CELLS + 1))
                for column, ends in zip(coordinates[own, :2].T, limits, strict=True)
            ]
            outside = weight[own][~np.all(inside, axis=0)].sum()
            beyond.append(float(outside) / (float(weight[own].sum()) or 1.0))
            contours(axes, cells, colour)
            axes.plot([], [], color=colour, label=label)
            numbers.append(cells.assign(sample=one.name))
        else:
            filled.append(plotting.fractions(plotting.histogram(coordinates[own, 0], weight[own], limits[0], BINS)))
            plotting.draw_steps(axes, filled[-1], color=colour, label=label)
            numbers.append(plotting.frame(filled[-1], sample=one.name))
    if plane:
        axes.set(xlabel="Coordinate 1", ylabel="Coordinate 2", xlim=limits[0], ylim=limits[1])
    else:
        axes.set(xlabel="Coordinate", ylabel=f"Fraction of {settings.rows} / bin", xlim=limits[0])
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    note = plotting.not_shown({f"of the {settings.rows}": beyond}) if plane else plotting.outside(filled)
    plotting.crown([axes], [note], loc="upper right", title=title)
    return figure, pd.concat(numbers, ignore_index=True)


def wider(limits: tuple[float, float]) -> tuple[float, float]:
    """Return the range with a margin on either side."""
    low, high = limits
    return low - MARGIN * (high - low), high + MARGIN * (high - low)
