"""How far inputs, and the scores of all models, go along with each other in each class."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Correlations", 36
SUBJECT = "task"
READS = ("predictions", "columns")

MOST, WRITTEN, BESIDE = 30, 16, 8
"""Rows of a matrix: drawn at most; with numbers in it at most; and with another matrix beside it at most."""


class Shown(OfTask):
    """What it shows."""

    models: list[Model] = Field(description="the task's models, in the order of the files given")
    classes: list[Labelled] = Field(description="the task's classes, by target")
    features: list[Labelled] = Field(description="the inputs that are numbers")


def applies(settings: Shown) -> bool:
    """Whether there are inputs that are numbers."""
    return bool(settings.features)


def draw(settings: Shown, predictions: list[Predictions], columns: list[Path]) -> tuple[Figure, pd.DataFrame]:
    """Draw Pearson's correlation of each pair of features and scores, class by class, on the test split.

    Of several classes, the score is that of the panel's class. A number that is missing leaves a row out of the pairs
    with it, and of no other.
    """
    import pandas as pd

    from snakeroot.evaluate.dependence import correlations
    from snakeroot.evaluate.join import numbers

    names = [one.name for one in settings.features]
    values = numbers(predictions[0].path, columns, names, "features")
    tables = {}
    for target, of_class in enumerate(settings.classes):
        own = predictions[0].target == target
        together = {name: values[name][own] for name in names}
        for one, rows in zip(settings.models, predictions, strict=True):
            score = rows.predicted if rows.predicted.ndim == 1 else rows.predicted[:, target]
            together[f"score of {one.name}"] = score[own]
        tables[of_class.name] = correlations(together, predictions[0].weight[own], predictions[0].copies)
    shown = _shown(names, list(tables.values()))
    labels = [*shown, *(plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.models)]
    shown += [f"score of {one.name}" for one in settings.models]
    across = 2 if len(shown) <= BESIDE and len(tables) > 1 else 1
    side = max(3.6, 1.4 + 0.36 * len(shown))
    figure, panels = plotting.grid(len(tables), across, (side + 0.5, side), stated=settings)
    for axes, of_class in zip(panels, settings.classes, strict=True):
        mesh = _matrix(axes, tables[of_class.name], shown, labels)
        title = plotting.checked(of_class.label, f"evaluation.labels.{of_class.name}")
        _say(axes, title, tables[of_class.name], len(names) + len(settings.models) - len(shown))
    for last in range(across - 1, len(panels), across):
        figure.colorbar(mesh, ax=panels[last], label="Correlation [%]", pad=0.02)
    parts = [pd.DataFrame({"class": name, **table}) for name, table in tables.items()]
    return figure, pd.concat(parts, ignore_index=True)


def _shown(names: list[str], tables: list[pd.DataFrame]) -> list[str]:
    """Return the features that are drawn, in their order: of very many those that go along with a score most."""
    import pandas as pd

    every = pd.concat(tables)
    of_scores = every[every["second"].str.startswith("score of ") & every["first"].isin(names)]
    largest = of_scores["correlation"].abs().fillna(0.0).groupby(of_scores["first"]).max()
    kept = set(largest.sort_values(ascending=False, kind="stable").index[:MOST])
    return [name for name in names if name in kept]


def _matrix(axes: Axes, table: pd.DataFrame, shown: list[str], labels: list[str]) -> Any:
    """Draw the triangle below the diagonal, [%], with a question mark where a correlation is undefined."""
    import numpy as np
    from matplotlib.ticker import NullLocator

    place, count = {name: number for number, name in enumerate(shown)}, len(shown)
    matrix = np.full((count - 1, count - 1), np.nan)
    edges = np.arange(count) - 0.5
    for first, second, value in zip(table["first"], table["second"], table["correlation"], strict=True):
        if first in place and second in place:
            row, along = place[second] - 1, place[first]
            matrix[row, along] = percent = 100 * value
            look: dict[str, Any] = {"color": "white" if abs(percent) > 60 else "black", "fontsize": 8}
            if count <= WRITTEN:
                axes.text(along, row, _whole(percent), ha="center", va="center", **look).set_in_layout(False)
    mesh = axes.pcolormesh(edges, edges, np.ma.masked_invalid(matrix), cmap="RdBu_r", vmin=-100, vmax=100)
    axes.set_xticks(range(count - 1), labels[:-1], rotation=90, fontsize=9)
    axes.set_yticks(range(count - 1), labels[1:], fontsize=9)
    axes.set(xlim=(-0.5, count - 1.5), ylim=(count - 1.5, -0.5))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_tick_params(which="both", length=0)
    return mesh


def _say(axes: Axes, title: str, table: pd.DataFrame, left_out: int) -> None:
    """Name the class, the largest uncertainty and what is left out, where the other triangle would be."""
    lines = [title]
    if table["error"].notna().any():
        lines.append(f"errors up to {100 * table['error'].max():.2g} %")
    missing = 1 - table["entries"].min() / table["entries"].max() if len(table) and table["entries"].max() else 0.0
    if missing:
        lines.append(f"missing: up to {100 * missing:.2g} % of a pair")
    if left_out:
        lines.append(f"{left_out} features are not shown")
    look: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right", "va": "top"}
    for number, line in enumerate(lines):
        axes.annotate(line, (0.97, 0.97), (0, -6 - 14 * number), fontsize=9 if number else 13, **look)


def _whole(percent: float) -> str:
    return "?" if math.isnan(percent) else f"{round(percent)}".replace("-", "\N{MINUS SIGN}")
