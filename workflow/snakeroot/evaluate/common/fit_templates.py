"""A model's templates for the fit: what is expected in each region, with its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask, Sample
from snakeroot.settings import Column, Settings

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

TITLE, ORDER = "Templates for the fit", 60
SUBJECT = "model"
READS = ("templates",)

ACROSS = 3
"""Regions beside each other."""


class Region(Settings):
    """A region, and what its axis shows."""

    name: Column
    label: str
    unit: str = ""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    samples: list[Sample]
    regions: list[Region] = Field(description="in this order; none of a task without templates")


def applies(settings: Shown) -> bool:
    """Whether the task has templates."""
    return bool(settings.regions)


def draw(settings: Shown, templates: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw the expected yields of all regions, stacked, and below them what signal and data are to the background."""
    import pandas as pd

    across = min(ACROSS, len(settings.regions))
    down = -(-len(settings.regions) // across)
    figure = plotting.blank(plotting.WIDTH * (1 if across == 1 else 0.75 * across), 5.6 * down)
    panels = figure.subplots(2 * down, across, squeeze=False, sharex=False, height_ratios=[3, 1] * down)
    for empty in panels.T.reshape(-1, 2)[len(settings.regions) :] if down > 1 else ():
        for axes in empty:
            axes.set_visible(False)
    numbers = []
    for place, region in enumerate(settings.regions):
        row, column = divmod(place, across)
        upper, lower = panels[2 * row, column], panels[2 * row + 1, column]
        known = templates["regions"][region.name]
        numbers.append(_region(settings, region, known, templates["samples"], upper, lower))
    plotting.headline(list(panels[0, : min(across, len(settings.regions))]), settings)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    drawn = [panels[2 * (place // across), place % across] for place in range(len(settings.regions))]
    for axes, region in zip(drawn, settings.regions, strict=True):
        plotting.crown([axes], loc="upper right", fontsize=9, ncols=2, title=f"{title}, {region.name}")
    return figure, pd.concat(numbers, ignore_index=True)


def _region(
    settings: Shown, region: Region, known: dict[str, Any], roles: dict[str, Any], upper: Axes, lower: Axes
) -> pd.DataFrame:
    """Draw one region, and return its numbers."""
    import numpy as np

    edges, centres = np.array(known["edges"]), (np.array(known["edges"][1:]) + np.array(known["edges"][:-1])) / 2
    background = np.array(known["background"]["values"])
    statistical, systematic = (np.array(known["background"][key]) for key in ("errors", "systematic"))
    error = np.hypot(statistical, systematic)
    colours = plotting.of_samples(settings.samples)
    labels = {sample.name: sample.label for sample in settings.samples}
    bottom = np.zeros(len(background))
    for name in sorted((one for one in roles if known["samples"][one]["rows"]), key=lambda one: roles[one]["role"]):
        values = np.array(known["samples"][name]["values"])
        label = plotting.checked(labels[name], f"evaluation.labels.{name}")
        look: dict[str, Any] = {"facecolor": colours[name], "alpha": 0.7, "linewidth": 0.0}
        upper.stairs(bottom + values, edges, baseline=bottom, fill=True, label=label, **look)
        bottom = bottom + values
    upper.stairs(bottom, edges, color="#1d232b", linewidth=1)
    hatched: dict[str, Any] = {"fill": False, "hatch": "////", "edgecolor": "#717581", "linewidth": 0}
    upper.stairs(background + error, edges, baseline=background - error, label="background uncertainty", **hatched)
    _data(upper, known, centres, np.ones_like(background), label="data")
    if background.min() > 0 and bottom.max() > 30 * background.min():
        upper.set_yscale("log")
        upper.set_ylim(plotting.log_floor([background]), 2 * float(bottom.max()))
    else:
        upper.set_ylim(min(0.0, float(bottom.min())), None)
    upper.set(ylabel=f"{settings.rows.capitalize()} per bin", xlim=(edges[0], edges[-1]))
    upper.tick_params(labelbottom=False)
    _ratio(lower, known, edges, bottom)
    lower.set_xlabel(plotting.axis_label(region.label, region.unit, region.name))
    return _numbers(region.name, known)


def _ratio(axes: Axes, known: dict[str, Any], edges: NDArray[np.float64], total: NDArray[np.float64]) -> None:
    """Draw signal + background, and data, divided by the background, with its uncertainties around one."""
    import numpy as np

    background = np.array(known["background"]["values"])
    base = np.where(background > 0, background, np.nan)
    statistical, systematic = (np.array(known["background"][key]) / base for key in ("errors", "systematic"))
    both = np.hypot(statistical, systematic)
    for error, alpha in ((both, 0.25), (statistical, 0.35)):
        axes.stairs(1 + error, edges, baseline=1 - error, fill=True, facecolor="#717581", alpha=alpha, linewidth=0)
    axes.axhline(1.0, color="#717581", linewidth=1)
    axes.stairs(total / base, edges, color=plotting.SIGNAL[0], linewidth=1.4, baseline=None)
    _data(axes, known, (edges[1:] + edges[:-1]) / 2, base)
    ratio = (total / base)[np.isfinite(total / base)]
    highest = max(1.5, 1.1 * float(ratio.max(initial=1.0)))
    if highest > 20:
        axes.set_yscale("log")
    axes.set(ylabel="/ background", ylim=(0.5, highest), xlim=(edges[0], edges[-1]))


def _data(
    axes: Axes, known: dict[str, Any], centres: NDArray[np.float64], base: NDArray[np.float64], **look: Any
) -> None:
    if data := known["data"]:
        import numpy as np

        values, errors = np.array(data["values"]) / base, np.array(data["errors"]) / base
        axes.errorbar(centres, values, errors, fmt="o", color="black", markersize=4, **look)


def _numbers(region: str, known: dict[str, Any]) -> pd.DataFrame:
    """Return one row per bin and histogram: yield, its statistical and, of the background, systematic uncertainty."""
    import pandas as pd

    histograms = {**known["samples"], "(background)": known["background"]}
    histograms |= {"(data)": known["data"]} if known["data"] else {}
    ends = {"low": known["edges"][:-1], "high": known["edges"][1:]}
    frames = [
        pd.DataFrame(
            {
                "region": region,
                "sample": name,
                **ends,
                "value": one["values"],
                "error": one["errors"],
                "systematic": one.get("systematic"),
            }
        )
        for name, one in histograms.items()
    ]
    return pd.concat([frame.astype({"systematic": "float64"}) for frame in frames], ignore_index=True)
