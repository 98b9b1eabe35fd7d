"""How well all models reject each class of the background of a discriminant."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.evaluate.discriminant_settings import Discriminant
from snakeroot.plotting.settings import Labelled, Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Discriminant", 32
SUBJECT = "discriminant"
READS = ("predictions",)

STEPS = 100
"""Of the signal efficiency."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    classes: list[Labelled] = Field(description="the task's classes, by target")
    discriminant: Discriminant


def draw(settings: Shown, predictions: list[Predictions]) -> tuple[Figure, pd.DataFrame]:
    """Draw the rejection of each class of the background against the efficiency of the signal, on the test split.

    Below, each divided by that of the first model, if there are several. A curve starts where the first entry of the
    background passes.
    """
    import numpy as np
    import pandas as pd
    from matplotlib.lines import Line2D

    from snakeroot.evaluate.discriminants import discriminant, rejections

    names = [one.name for one in settings.classes]
    labels = {one.name: plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.classes}
    known, efficiencies = settings.discriminant, np.arange(1, STEPS + 1) / STEPS
    several = len(settings.models) > 1
    figure, panels = plotting.panels(
        *((3, 1) if several else (1,)), size=(plotting.WIDTH, 6.2 if several else 4.8), stated=settings
    )
    axes, ratios = panels[0], panels[1:]
    axes.set_yscale("log")
    first: dict[str, Any] = {}
    tables, handles, top = [], [], 2.0
    dashes: dict[str, Any] = dict(zip(known.fractions, itertools.cycle(plotting.DASHES), strict=False))
    for model, rows in zip(settings.models, predictions, strict=True):
        colour = plotting.stroke(model.number)["color"]
        label = plotting.checked(model.label, f"evaluation.labels.{model.name}") + rows.note
        handles.append(Line2D([], [], color=colour, label=label))
        value = discriminant(rows.predicted, names, known)
        of_class = {name: rows.target == names.index(name) for name in (known.signal, *known.fractions)}
        for name in known.fractions:
            table = rejections(value, of_class[known.signal], of_class[name], rows.weight, efficiencies)
            reference = first.setdefault(name, table)
            table["ratio"] = table["rejection"] / reference["rejection"] if len(reference) else np.nan
            tables.append(table.assign(model=model.name, background=name))
            seen = table[np.isfinite(table["rejection"])]
            look: dict[str, Any] = {"color": colour, "linestyle": dashes[name]}
            x = seen["signal_efficiency"]
            axes.plot(x, seen["rejection"], **look)
            axes.fill_between(x, seen["low"], seen["high"], color=colour, alpha=0.2, linewidth=0)
            for ratio in ratios:
                ratio.plot(x, seen["ratio"], **look)
                relative = (seen[end] / seen["rejection"] * seen["ratio"] for end in ("low", "high"))
                ratio.fill_between(x, *relative, color=colour, alpha=0.2, linewidth=0)
            top = max(top, float(seen["high"].max()) if len(seen) else 0.0)
    own = [Line2D([], [], color="#3a424e", linestyle=dash, label=labels[name]) for name, dash in dashes.items()]
    blank = Line2D([], [], linestyle="none", label=" ")  # models in one column of the legend, classes in the other
    size = max(len(handles), len(own))
    handles = [*handles, *[blank] * (size - len(handles)), *own, *[blank] * (size - len(own))]
    axes.set(ylabel="Rejection (1 / efficiency)", ylim=(1, 1.2 * top))
    for ratio in ratios:
        ratio.axhline(1.0, color="#717581", linewidth=1, zorder=0)
        ratio.set(ylabel="Ratio to first", ylim=(0, 2))
    panels[-1].set(xlabel=f"Efficiency of {labels[known.signal]}", xlim=(0, 1))
    mixture = ", ".join(f"{share:.4g} {labels[name]}" for name, share in known.fractions.items())
    title = f"{labels[known.signal]} against {mixture}"
    plotting.crown([axes], loc="upper right", ncols=2, handles=handles, title=title)
    return figure, pd.concat(tables, ignore_index=True)
