"""What the weights of a training make of the variables that they give one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask, Variable
from snakeroot.settings import Name, Settings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE, ORDER = "Reweighting", 18
SUBJECT = "task"
READS = ("factors",)

SIZE = (5.6, 4.4)
"""Inches of a panel."""


class Reweighted(Settings):
    """A reweighting that trainings have."""

    name: Name
    variables: list[Variable]


class Shown(OfTask):
    """What it shows."""

    classes: list[Labelled] = Field(description="the task's classes, by target")
    reweightings: list[Reweighted] = Field(description="in the order of the files given")


def applies(settings: Shown) -> bool:
    """Whether a training has other weights."""
    return bool(settings.reweightings)


def draw(settings: Shown, factors: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw each variable in each class on the train split of the first fold: as it is, and with the factors."""
    import pandas as pd

    known = list(zip(settings.reweightings, factors, strict=True))
    wanted = [(one, table, number) for one, table in known for number in range(len(one.variables))]
    figure, panels = plotting.grid(len(wanted), 2, SIZE, stated=settings)
    colours, numbers = plotting.of_labelled(settings.classes), []
    for axes, (one, table, number) in zip(panels, wanted, strict=True):
        variable = one.variables[number]
        for shown in settings.classes:
            projected = projection(table, shown.name, number)
            projected = projected.assign(reweighting=one.name, variable=variable.name, **{"class": shown.name})
            _draw(axes, projected, shown, colours[shown.name], table["classes"][shown.name]["effective"])
            numbers.append(projected)
        axes.set(xlabel=plotting.axis_label(variable.axis.label, variable.axis.unit, variable.name))
        axes.set(
            ylabel=f"Fraction of {settings.rows} / bin", xlim=(projected["low"].iloc[0], projected["high"].iloc[-1])
        )
        axes.set_ylim(bottom=min(0.0, *axes.get_ylim()))
    titles = [f"{one.name}: effective {settings.rows} of the training" for one, _, _ in wanted]
    for axes, title in zip(panels, titles, strict=True):
        plotting.crown([axes], loc="upper center", fontsize=9.5, title=title, title_fontsize=9.5)
    return figure, pd.concat(numbers, ignore_index=True)


def projection(table: dict[str, Any], name: str, number: int) -> pd.DataFrame:
    """Return the bins of a variable, of this number: shares of a class before and after, with their errors.

    The first and the last bin have what is beyond the edges, too. `factor` is the mean one of a bin, `limited` the
    share of its cells whose factor is the least or largest that there may be.
    """
    import numpy as np
    import pandas as pd

    known, edges = table["classes"][name], table["variables"][number]["edges"]
    entries, weights, squares, factors, limited = (
        np.asarray(known[key], np.float64) for key in ("entries", "weights", "squares", "factors", "limited")
    )
    others = tuple(axis for axis in range(weights.ndim) if axis != number)
    before, after = weights.sum(axis=others), (weights * factors).sum(axis=others)
    errors = [np.sqrt(one.sum(axis=others)) for one in (squares, squares * factors**2)]
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "low": edges[:-1],
                "high": edges[1:],
                "entries": entries.sum(axis=others).astype(np.int64),
                "before": before / before.sum(),
                "before_error": errors[0] / abs(before.sum()),
                "after": after / after.sum(),
                "after_error": errors[1] / abs(after.sum()),
                "factor": after / before,
                "limited": (limited != 0).mean(axis=others),
            }
        )


def _draw(axes: Axes, projected: pd.DataFrame, shown: Labelled, colour: str, effective: dict[str, float]) -> None:
    """Draw a class: as it is dotted, with the factors as points on a line."""
    edges = [*projected["low"], projected["high"].iloc[-1]]
    label = plotting.checked(shown.label, f"evaluation.labels.{shown.name}")
    before, after = (f"{effective[name]:,.0f}" for name in ("before", "after"))
    axes.stairs(projected["before"], edges, color=colour, linestyle=":", linewidth=1.4, label=f"{label}: {before}")
    axes.stairs(projected["after"], edges, color=colour, linewidth=1.4, label=f"{label}, reweighted: {after}")
    low, high = (projected["after"] + sign * projected["after_error"] for sign in (-1, 1))
    axes.stairs(high, edges, baseline=low, fill=True, facecolor=colour, alpha=0.25, linewidth=0)
