"""`python -m snakeroot.evaluate.search.history`: how good each trial of a search was, and the best so far."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.evaluate.search import trials
from snakeroot.evaluate.search.settings import Search
from snakeroot.tune.settings import Objective

LEGEND: dict[str, Any] = {"columnspacing": 1.2, "handletextpad": 0.4, "handlelength": 1.5}


def make(
    settings: Search,
    history: Annotated[Path, "all trials (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw each objective of each trial against its number, round by round, with the best so far as a line."""
    stem = plotting.stem(figure)
    found = trials.read(history, settings)
    numbers = found.numbers
    for objective in settings.objective:
        numbers[f"best_{objective}"] = best_so_far(found, objective)
    with plotting.style():
        drawn = draw(settings, found)
    plotting.save(drawn, stem, numbers)


def best_so_far(found: trials.Trials, objective: Objective) -> trials.Floats:
    """Return the best objective up to each trial, (n,); NaN before the first that is complete."""
    values = found.finals(objective)
    best = values.cummin() if trials.minimised(objective) else values.cummax()
    return np.asarray(best.ffill(), np.float64)


def draw(settings: Search, found: trials.Trials) -> Figure:
    """Return the figure: a panel for each objective."""
    count = len(settings.objective)
    size = (plotting.WIDTH, plotting.HEIGHT if count == 1 else 1.2 + 2.4 * count)
    figure, panels = plotting.panels(*[1] * count, size=size, stated=settings)
    for axes, objective in zip(panels, settings.objective, strict=True):
        draw_panel(axes, found, objective)
    panels[-1].set(xlabel="Trial", xlim=(-0.5, len(found.facts) - 0.5))
    plotting.whole_numbers(panels[-1].xaxis)
    columns = 3 if found.pruned.any() else 4
    plotting.crown(panels[:1], loc="upper center", title=trials.title(settings), ncols=columns, **LEGEND)
    return figure


def draw_panel(axes: Axes, found: trials.Trials, objective: Objective) -> None:
    """Draw one objective; every other round is shaded."""
    facts, known, best = found.facts, found.known, found.best(objective)
    for number, members in facts.groupby("round")["number"]:
        if number % 2:
            axes.axvspan(members.min() - 0.5, members.max() + 0.5, color="#94a4a2", alpha=0.2, linewidth=0)
    trials.prepare(axes, facts.loc[known, objective].to_numpy(), objective)
    so_far = best_so_far(found, objective)
    axes.plot(facts["number"], so_far, drawstyle="steps-post", color=trials.BEST, label="best so far")
    shown, pruned = facts[known], found.pruned[known]
    trials.draw_points(axes, shown["number"], shown[objective].to_numpy(), trials.POINT, faint=pruned, s=26, zorder=3)
    axes.scatter([], [], color=trials.POINT, s=26, label="trial")
    if pruned.any():
        axes.scatter([], [], color=trials.POINT, alpha=trials.FAINT, s=26, label=f"stopped early ({pruned.sum()})")
    if best is not None:
        look: dict[str, Any] = {
            "marker": "*",
            "s": 150,
            "color": trials.BEST,
            "edgecolor": "white",
            "linewidth": 0.6,
            "zorder": 5,
        }
        axes.scatter([facts.loc[best, "number"]], [facts.loc[best, objective]], label=f"best: trial {best}", **look)
    if not known.all():
        trials.draw_failed(axes, facts.loc[~known, "number"])
        axes.scatter([], [], marker="x", color=trials.FAILED, label=f"failed ({int((~known).sum())})")


if __name__ == "__main__":
    main(make)
