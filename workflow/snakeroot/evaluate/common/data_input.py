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
    from snakeroot.data.once import Once
    from snakeroot.evaluate.common import _against_data
    from snakeroot.evaluate.common.input import check_axis
    from snakeroot.evaluate.comparison import Comparison
    from snakeroot.evaluate.distributions import distribution
    from snakeroot.evaluate.recorded import frame

    check_axis(settings.feature, features[0])
    once, axis = Once(features, settings.recorded), settings.axis
    shown = [*settings.recorded, *settings.stacked]
    found = distribution(once.of(settings.feature), settings.feature, axis, shown, shown)
    filled, unknown = {}, {}
    for name in sorted(set(settings.stacked) & found.seen):
        factor = normalisation["samples"][name]["factor"]
        filled[name] = found.samples[name].whole() * factor
        unknown[name] = found.samples[name].undefined * factor
    data = [found.samples[name] for name in settings.recorded]
    unknown[""] = sum(one.undefined for one in data)
    compared = Comparison(sum((one.whole() for one in data[1:]), data[0].whole()), filled, settings.uncertainty)
    compared = compared.scaled() if settings.scaled_to == "data" else compared
    figure, [axes, ratio] = plotting.panels(*_against_data.HEIGHTS, size=_against_data.SIZE, stated=settings)
    explained = _against_data.draw(axes, ratio, compared, settings, log=axis.log)
    ratio.set_xlabel(plotting.axis_label(axis.label, axis.unit, settings.feature))
    axes.set_ylabel(axes.get_ylabel() + plotting.per_bin(compared.data, axis.unit))
    if found.whole:
        plotting.whole_numbers(ratio.xaxis)
    notes = _against_data.notes(compared, settings, once.copies, unknown)
    plotting.crown([axes], ["\n".join(notes)], loc="upper right", handles=explained)
    return figure, frame(compared, once.copies)
