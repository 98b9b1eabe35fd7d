"""Is the Monte Carlo sane? One quantity of the generated events, process by process."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.plotting.settings import Axis, Headline, Sample
from snakeroot.settings import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Generated events", 70
SUBJECT = "variable"
READS = ("ntuples",)


class Shown(Headline):
    """What it shows."""

    variable: Column = Field(description="name of the quantity")
    expression: str = Field(description="of the ntuple's branches")
    tree: str = Field(description="name of the ntuples' tree")
    axis: Axis
    samples: list[Sample] = Field(description="which sample each ntuple is of, in the order of the files")


def draw(settings: Shown, ntuples: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw one quantity for each process, normalised to unit sum, with its median.

    Raises:
        SnakerootError: if a file is no ntuple of ours.
    """
    import numpy as np
    import uproot

    from snakeroot.physics.expressions.evaluation import numbers
    from snakeroot.physics.expressions.language import parse

    values: dict[str, list[plotting.Floats]] = {}
    expression = parse(settings.expression)
    for sample, path in zip(settings.samples, ntuples, strict=True):
        try:
            with uproot.open(path) as file:
                tree = file[settings.tree]
                branches = {name: tree[name].array() for name in expression.branches}
                values.setdefault(sample.name, []).append(numbers(expression, branches, np.arange(tree.num_entries)))
        except (OSError, ValueError, uproot.exceptions.KeyInFileError) as error:
            raise SnakerootError(f"{path}: not an ntuple of ours ({error}); delete it and run again") from error
    return histograms(settings, {name: np.concatenate(parts) for name, parts in values.items()})


def histograms(settings: Shown, values: Mapping[str, plotting.Floats]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms, from the quantity's values by sample.

    Medians are over the events in which the quantity is defined.
    """
    import numpy as np
    import pandas as pd

    from snakeroot.generate.settings import UNDEFINED

    axis = settings.axis
    figure, [axes] = plotting.panels(1, stated=settings)
    values = {name: numbers[(numbers != UNDEFINED) & ~np.isnan(numbers)] for name, numbers in values.items()}
    limits = axis.range or plotting.span(np.concatenate(list(values.values())), settings.variable)
    digits = max(0, -math.floor(math.log10((limits[1] - limits[0]) / axis.bins)))  # those of a bin's width
    tables, filled = [], []
    samples = list({sample.name: sample for sample in settings.samples}.values())
    colours = plotting.of_samples(samples)
    for sample, dashes in zip(samples, itertools.cycle(plotting.DASHES), strict=False):
        defined = values[sample.name]
        filled.append(plotting.fractions(plotting.histogram(defined, np.ones(len(defined)), limits, axis.bins)))
        median = float(np.median(defined)) if len(defined) else float("nan")
        label = plotting.checked(sample.label, f"evaluation.labels.{sample.name}")
        text = f"{label}: median {' '.join([f'{median:.{digits}f}', axis.unit]).strip()} ({len(defined)} events)"
        plotting.draw_steps(axes, filled[-1], color=colours[sample.name], linestyle=dashes, label=text)
        tables.append(plotting.frame(filled[-1], process=sample.label).assign(median=median))
    axes.set_ylim(bottom=0)
    axes.set(xlabel=plotting.axis_label(axis.label, axis.unit, settings.variable), xlim=limits)
    axes.set_ylabel(f"Fraction of events{plotting.per_bin(filled[0], axis.unit)}")
    plotting.crown([axes], [plotting.outside(filled)], loc="upper right")
    return figure, pd.concat(tables, ignore_index=True)
