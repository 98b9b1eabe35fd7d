"""`python -m snakeroot.evaluate.multiclass.confusion`: which class a model takes for which."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.measures.multiclass import decisions
from snakeroot.evaluate.multiclass.settings import ModelClasses
from snakeroot.evaluate.predictions import Predictions, multiclass


def make(
    settings: ModelClasses,
    predictions: Annotated[Path, "predictions of the test split (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the share of each class that is taken for each class, by the likeliest, with the events in it."""
    stem = plotting.stem(figure)
    found = multiclass(predictions, "test", settings.model.name, [one.name for one in settings.classes])
    with plotting.style():
        drawn, numbers = draw(settings, found)
    plotting.save(drawn, stem, numbers)


def draw(settings: ModelClasses, found: Predictions) -> tuple[Figure, pd.DataFrame]:
    """Return the figure and its cells."""
    weighted, counted = (
        decisions(found.target, found.predicted, weight) for weight in (found.weight, np.ones_like(found.weight))
    )
    shares, sums, entries = weighted["confusion"], weighted["confusion_sums"], counted["confusion_sums"]
    names = [one.name for one in settings.classes]
    labels = [plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.classes]
    side = 2.6 + 0.95 * len(names)
    figure, [axes] = plotting.panels(1, size=(side + 1.0, side), stated=settings)
    edges = np.arange(len(names) + 1) - 0.5
    mesh = axes.pcolormesh(edges, edges, shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(mesh, ax=axes, label="Share of the class", pad=0.02).ax.tick_params(which="both", right=True)
    for (true, taken), share in np.ndenumerate(shares):
        amount = sums[true, taken] if settings.luminosity else entries[true, taken]
        text = f"{100 * share:.1f} %\n{plain(amount)}"
        axes.text(taken, true, text, ha="center", va="center", color="white" if share > 0.6 else "black", fontsize=11)
    long = sum(map(len, names)) > 10 * len(names)
    axes.set_xticks(range(len(names)), labels, rotation=30 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(len(names)), labels)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_tick_params(which="both", length=0)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + found.note
    axes.set(xlabel=f"Likeliest class, by {title}", ylabel="True class", ylim=(len(names) - 0.5, -0.5))
    cells = [
        {"class": one, "taken_for": other, "share": shares[i, j], "weight": sums[i, j], "entries": entries[i, j]}
        for i, one in enumerate(names)
        for j, other in enumerate(names)
    ]
    return figure, pd.DataFrame(cells)


def plain(amount: float) -> str:
    """Return a number of events with three digits, or whole from 1000 on."""
    return f"{amount:.3g}" if abs(amount) < 1000 else f"{amount:,.0f}".replace(",", "\N{THIN SPACE}")


if __name__ == "__main__":
    main(make)
