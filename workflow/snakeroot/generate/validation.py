"""`python -m snakeroot.generate.validation`: is the Monte Carlo sane? One quantity, process by process."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import uproot
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.expressions.evaluation import numbers
from snakeroot.expressions.language import parse
from snakeroot.generate.settings import UNDEFINED
from snakeroot.generate.validation_settings import Validation


def validate(
    settings: Validation,
    ntuples: Annotated[list[Path], "generated ROOT files, in the order of the settings' samples"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw one quantity for each process, normalised to unit sum, with its median."""
    stem = plotting.stem(figure)
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
    with plotting.style():
        drawn, table = draw(settings, {name: np.concatenate(parts) for name, parts in values.items()})
    plotting.save(drawn, stem, table)


def draw(settings: Validation, values: Mapping[str, plotting.Floats]) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and the contents of its histograms, from the quantity's values by sample.

    Medians are over the events in which the quantity is defined.
    """
    axis = settings.axis
    figure, [axes] = plotting.panels(1, stated=settings)
    values = {name: found[(found != UNDEFINED) & ~np.isnan(found)] for name, found in values.items()}
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


if __name__ == "__main__":
    main(validate)
