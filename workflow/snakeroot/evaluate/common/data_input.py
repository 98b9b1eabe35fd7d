"""One feature in data against simulation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.common._against_data import AgainstData
from snakeroot.plotting.settings import Axis
from snakeroot.settings import Column

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Data against simulation", 12
SUBJECT = "feature"
READS = ("features", "normalisation")


class Shown(AgainstData):
    """What it shows."""

    feature: Column = Field(description="the feature (or spectator) shown")
    axis: Axis
    missing: bool = Field(
        False, exclude_if=lambda missing: not missing, description="whether it may be missing, where it is NaN"
    )


def applies(settings: Shown) -> bool:
    """Whether the task has data, and something to compare it with."""
    return settings.compares


def draw(settings: Shown, features: list[Path], normalisation: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the yields of all samples, stacked, with the data as points, and the ratio of both below.

    Raises:
        SnakerootError: if it is a spectator that holds text, which has no axis.
    """
    import numpy as np

    from snakeroot.evaluate.common import _against_data
    from snakeroot.evaluate.common.input import check_axis
    from snakeroot.evaluate.comparison import Comparison
    from snakeroot.evaluate.recorded import frame, read

    check_axis(settings.feature, features[0])
    rows = read(features, [settings.feature], settings.recorded, settings.stacked)
    axis, limits, bins = settings.axis, settings.axis.range, settings.axis.bins
    if limits is None:
        values = [table[settings.feature].to_numpy() for table in (rows.data, *rows.simulation.values())]
        limits, bins = plotting.binning(np.concatenate(values), axis.bins, settings.feature)
    filled, unknown = {}, {}
    for name, table in (("", rows.data), *rows.simulation.items()):
        weight = table["weight"].to_numpy() * (normalisation["samples"][name]["factor"] if name else 1.0)
        filled[name] = plotting.histogram(table[settings.feature].to_numpy(), weight, limits, bins)
        unknown[name] = float(weight[table[settings.feature].isna().to_numpy()].sum())
    compared = Comparison(filled.pop(""), filled, settings.uncertainty)
    compared = compared.scaled() if settings.scaled_to == "data" else compared
    figure, [axes, ratio] = plotting.panels(*_against_data.HEIGHTS, size=_against_data.SIZE, stated=settings)
    explained = _against_data.draw(axes, ratio, compared, settings, log=axis.log)
    ratio.set_xlabel(plotting.axis_label(axis.label, axis.unit, settings.feature))
    axes.set_ylabel(axes.get_ylabel() + plotting.per_bin(compared.data, axis.unit))
    if all(plotting.are_whole(table[settings.feature].to_numpy()) for table in (rows.data, *rows.simulation.values())):
        plotting.whole_numbers(ratio.xaxis)
    notes = _against_data.notes(compared, settings, rows.copies, unknown)
    plotting.crown([axes], ["\n".join(notes)], loc="upper right", handles=explained)
    return figure, frame(compared, rows.copies)
