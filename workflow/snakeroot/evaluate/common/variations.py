"""What becomes of the numbers of all models under systematic variations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE, ORDER = "Systematic variations", 58
SUBJECT = "task"
READS = ("systematics",)

MARKERS = {"up": "^", "down": "v"}
ACROSS = 2
"""Panels beside each other."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    varied: bool = Field(description="whether the task has systematics")


def applies(settings: Shown) -> bool:
    """Whether there are any."""
    return settings.varied


def draw(settings: Shown, systematics: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw by how much each number of each model is another under each variation, with the error of the difference."""
    from snakeroot.evaluate._rows import rows

    numbers = _numbers(systematics)
    names = list(dict.fromkeys(numbers["systematic"]))
    titles = list(dict.fromkeys(numbers.loc[numbers["main"], "title"]))
    count = len(settings.models)
    height = 1.5 + len(names) * max(0.4, 0.28 * count)
    figure, panels = plotting.grid(len(titles), ACROSS, (0.85 * plotting.WIDTH, height), stated=settings)
    for place, (axes, title) in enumerate(zip(panels, titles, strict=True)):
        own = numbers[numbers["title"] == title]
        axes.axvline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
        for number, model in enumerate(settings.models):
            middle = (number - (count - 1) / 2) * 0.8 / count
            _model(axes, model, own[own["model"] == model.name], names, middle, 0.16 / count)
        rows(axes, names if place % ACROSS == 0 else [""] * len(names))
        axes.set_xlabel(f"{title}: shift{' [%]' if own['relative'].iloc[0] else ''}")
    look: dict[str, Any] = {"frameon": True, "framealpha": 1.0, "edgecolor": "none"}  # the line at 0 ends at it
    plotting.crown(panels[:1], loc="upper right", fontsize=9.5, ncols=2, handles=_legend(settings), **look)
    for axes in panels[1:ACROSS]:
        axes.set_ylim(panels[0].get_ylim())
    shown = ["model", "systematic", "direction", "quantity", "point", "nominal", "value", "shift", "error"]
    return figure, numbers[shown]


def _model(axes: Axes, model: Model, own: pd.DataFrame, names: list[str], middle: float, apart: float) -> None:
    """Draw the shifts of one number of one model, up above down."""
    for direction, marker in MARKERS.items():
        of = own[own["direction"] == direction]
        scale = (100 / of["nominal"].abs()).where(of["relative"], 1.0)
        at = [names.index(name) + middle + (apart if direction == "down" else -apart) for name in of["systematic"]]
        colour = plotting.stroke(model.number)["color"]
        look: dict[str, Any] = {"color": colour, "linestyle": "none", **_look(direction, marker)}
        axes.errorbar(of["shift"] * scale, at, xerr=of["error"] * scale, **look)


def _look(direction: str, marker: str) -> dict[str, Any]:
    return {"marker": marker, "markersize": 5} | ({"markerfacecolor": "white"} if direction == "down" else {})


def _legend(settings: Shown) -> list[Any]:
    """Return what stands for each model and each direction."""
    from matplotlib.lines import Line2D

    models = [
        Line2D(
            *([], []),
            color=plotting.stroke(model.number)["color"],
            label=plotting.checked(model.label, f"evaluation.labels.{model.name}"),
        )
        for model in settings.models
    ]
    grey: dict[str, Any] = {"color": "#717581", "linestyle": "none"}
    return models + [Line2D([], [], label=one, **grey, **_look(one, marker)) for one, marker in MARKERS.items()]


def _numbers(systematics: dict[str, Any]) -> pd.DataFrame:
    """Return a row for each model, variation and number; what is undefined is NaN."""
    import pandas as pd

    def known(value: float | None) -> float:
        return math.nan if value is None else value

    return pd.DataFrame(
        [
            {
                "model": model,
                "systematic": one["systematic"],
                "direction": one["direction"],
                "quantity": nominal["name"],
                "point": known(nominal["point"]),
                "nominal": known(nominal["value"]),
                **{key: known(found[key]) for key in ("value", "shift", "error")},
                **{key: nominal[key] for key in ("title", "relative", "main")},
            }
            for model, of_model in systematics["models"].items()
            for one in of_model["variations"]
            for nominal, found in zip(of_model["quantities"], one["quantities"], strict=True)
        ]
    )
