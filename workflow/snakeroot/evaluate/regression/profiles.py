"""Bias and resolution of all models as functions of other variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.regression._compared import Compared
from snakeroot.plotting.settings import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Bias and resolution against variables", 32
SUBJECT = "task"
READS = ("predictions", "measured", "columns", "metrics")

SIZE = (5.0, 5.2)
"""Inches of a pair of panels."""


class Shown(Compared):
    """What it shows."""

    profiled: list[Variable] = Field(description="the variables, features or spectators")


def applies(settings: Shown) -> bool:
    """Whether there are variables."""
    return bool(settings.profiled)


def draw(
    settings: Shown,
    predictions: list[Predictions],
    measured: list[Path],
    columns: list[Path],
    metrics: dict[str, Any],
) -> tuple[Figure, pd.DataFrame]:
    """Draw the median of the residuals, and half of their central 68 %, in bins of each variable."""
    import numpy as np
    import pandas as pd

    from snakeroot.evaluate.regression._estimates import estimates, with_unit
    from snakeroot.evaluate.regression._profiles import profile

    compared = estimates(settings, predictions, measured, metrics)
    values = read(predictions[0].path, columns, [variable.name for variable in settings.profiled])
    figure, pairs = plotting.pairs(len(settings.profiled), (1, 1), SIZE, stated=settings)
    numbers = []
    for place, ((upper, lower), variable) in enumerate(zip(pairs, settings.profiled, strict=True)):
        axis, value = variable.axis, values[variable.name]
        known = np.isfinite(value)
        limits, bins = axis.range, axis.bins
        if limits is None:
            limits, bins = plotting.binning(value, axis.bins, variable.name)
        upper.axhline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
        for one in compared:
            rows = one.rows
            table = profile(value[known], one.residual[known], rows.weight[known], limits, bins, rows.copies)
            table = table.assign(resolution=(table["q84"] - table["q16"]) / 2)
            seen = table[table["entries"] > 0]
            at = (seen["low"] + seen["high"]) / 2
            for axes, name, error in ((upper, "q50", "q50_error"), (lower, "resolution", "resolution_error")):
                ends = (seen[name] - seen[error], seen[name] + seen[error])
                axes.fill_between(at, *ends, color=one.stroke["color"], alpha=0.2, linewidth=0)
                axes.plot(at, seen[name], marker="o", markersize=3, label=one.label, **one.stroke)
            numbers.append(table.assign(variable=variable.name, model=one.name))
        filled = plotting.histogram(value[known], compared[0].rows.weight[known], limits, bins)
        lower.set(xlabel=plotting.axis_label(axis.label, axis.unit, variable.name), xlim=limits)
        lower.set_ylim(bottom=0)
        if place % 2 == 0:
            upper.set_ylabel(with_unit("Median residual", settings))
            lower.set_ylabel(with_unit("Resolution", settings))
        plotting.crown([upper], [plotting.outside([filled])], loc="upper center", ncols=2 if len(compared) > 2 else 1)
    return figure, pd.concat(numbers, ignore_index=True)


def read(predictions: Path, columns: Sequence[Path], names: Sequence[str]) -> dict[str, plotting.Floats]:
    """Return columns of the features at all rows of the predictions, (n,) each; NaN where there is no value.

    Raises:
        SnakerootError: if one holds text, which has no axis.
    """
    import numpy as np
    import pyarrow as pa

    from snakeroot.data import tables
    from snakeroot.evaluate.join import join

    count = tables.open_parquet(predictions).metadata.num_rows
    found = {name: np.full(count, np.nan) for name in names}
    for positions, table in join(predictions, columns, names):
        for name in names:
            if pa.types.is_string(table[name].type):
                raise SnakerootError(f"evaluation.profiles: {name!r} holds text, which has no axis: remove it")
            found[name][positions] = table[name].to_numpy()
    return found
