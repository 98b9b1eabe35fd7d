"""Which class a model takes for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from snakeroot.evaluate.predictions import Predictions

TITLE, ORDER = "Confusion", 40
SUBJECT = "model"
READS = ("test",)


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    classes: list[Labelled] = Field(description="the task's classes, by target")


def draw(settings: Shown, test: Predictions) -> tuple[Figure, pd.DataFrame]:
    """Draw the share of each class that is taken for each class, by the likeliest, with uncertainty and events."""
    import numpy as np
    import pandas as pd
    from matplotlib.ticker import NullLocator

    from snakeroot.evaluate.measures.multiclass import decisions, share_errors

    weighted, counted = (
        decisions(test.target, test.predicted, weight) for weight in (test.weight, np.ones_like(test.weight))
    )
    errors = share_errors(test)
    shares, sums, entries = weighted["confusion"], weighted["confusion_sums"], counted["confusion_sums"]
    names = [one.name for one in settings.classes]
    labels = [plotting.checked(one.label, f"evaluation.labels.{one.name}") for one in settings.classes]
    side = 2.4 + 1.15 * len(names)
    figure, [axes] = plotting.panels(1, size=(side + 1.0, side), stated=settings)
    edges = np.arange(len(names) + 1) - 0.5
    mesh = axes.pcolormesh(edges, edges, shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(mesh, ax=axes, label="Share of the class", pad=0.02).ax.tick_params(which="both", right=True)
    for (true, taken), share in np.ndenumerate(shares):
        amount = sums[true, taken] if settings.luminosity else entries[true, taken]
        text = f"{percent(share, float(errors[true, taken]))}\n{plain(amount)}"
        axes.text(taken, true, text, ha="center", va="center", color="white" if share > 0.6 else "black", fontsize=11)
    long = sum(map(len, names)) > 10 * len(names)
    axes.set_xticks(range(len(names)), labels, rotation=30 if long else 0, ha="right" if long else "center")
    axes.set_yticks(range(len(names)), labels)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_locator(NullLocator())
        axis.set_tick_params(which="both", length=0)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}") + test.note
    axes.set(xlabel=f"Likeliest class, by {title}", ylabel="True class", ylim=(len(names) - 0.5, -0.5))
    cells = [
        {
            "class": one,
            "taken_for": other,
            "share": shares[i, j],
            "error": errors[i, j],
            "weight": sums[i, j],
            "entries": entries[i, j],
        }
        for i, one in enumerate(names)
        for j, other in enumerate(names)
    ]
    return figure, pd.DataFrame(cells)


def percent(share: float, error: float) -> str:
    """Return "93.1 ± 0.4 %", with the decimals that the error deserves; without an error where there is none."""
    decimals = next((digits for digits in range(1, 3) if 100 * error * 10**digits >= 0.95), 1)
    return f"{100 * share:.{decimals}f}{f' ± {100 * error:.{decimals}f}' if error > 0 else ''} %".replace("-", "−")


def plain(amount: float) -> str:
    """Return a number of events with three digits, or whole from 1000 on."""
    return f"{amount:.3g}" if abs(amount) < 1000 else f"{amount:,.0f}".replace(",", "\N{THIN SPACE}")
