"""How much of the objective each parameter accounts for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Search: importance of the settings", 63
SUBJECT = "search"
READS = ("trials",)

LEGEND = 0.7
"""Inches below the bars for the legend."""


class Shown(Searched):
    """What it shows."""


def draw(settings: Shown, trials: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw the importance of each parameter for each objective, by fANOVA."""
    import numpy as np
    import pandas as pd
    from matplotlib.ticker import NullLocator

    from snakeroot.evaluate.search import _trials
    from snakeroot.evaluate.search._importance import importance

    judged = _trials.table(trials, settings)
    shares = {objective: importance(settings.space, judged, objective) for objective in settings.objective}
    table = pd.DataFrame(shares, index=list(settings.space)).rename_axis("parameter")
    # the most important last, as the bars are stacked from below
    table = table.sort_values(settings.objective[0], ascending=False, kind="stable", na_position="last")
    row = 0.25 * (1 + len(settings.objective))  # inches
    size = (plotting.WIDTH, 1.1 + LEGEND + row * len(table))
    figure, [axes] = plotting.panels(1, size=size, stated=settings)
    thick = 0.75 / len(settings.objective)
    for number, objective in enumerate(settings.objective):
        places = np.arange(len(table)) + thick * (number - (len(settings.objective) - 1) / 2)
        shares = table[objective].fillna(0.0)
        axes.barh(places, shares, 0.92 * thick, color=plotting.LINES[number], label=_trials.name_of(objective))
        for place, share in zip(places, table[objective], strict=True):
            text = "unknown" if np.isnan(share) else f"{share:.2f}"
            axes.annotate(text, (np.nan_to_num(share), place), (4, 0), textcoords="offset points", va="center", size=11)
    axes.set_yticks(range(len(table)), map(_trials.label, table.index))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", which="both", length=0)
    axes.set(
        xlabel="Share of the objective's variance (fANOVA)",
        xlim=(0, 1.15),
        ylim=(len(table) - 0.4 + LEGEND / row, -0.6),
    )
    axes.legend(loc="lower center", ncols=len(settings.objective), title=_trials.title(settings.model))
    return figure, table.reset_index()
