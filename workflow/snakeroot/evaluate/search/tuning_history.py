"""How good each trial of a search was, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from snakeroot.evaluate.search._trials import Trials
    from snakeroot.tune.settings import Objective

TITLE, ORDER = "Search: trials", 60
SUBJECT = "search"
READS = ("trials",)

LEGEND: dict[str, Any] = {"columnspacing": 1.2, "handletextpad": 0.4, "handlelength": 1.5}


class Shown(Searched):
    """What it shows."""


def draw(settings: Shown, trials: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw each objective of each trial against its number, round by round, with the best so far as a line."""
    from snakeroot.evaluate.search import _trials

    judged = _trials.table(trials, settings)
    count = len(settings.objective)
    size = (plotting.WIDTH, plotting.HEIGHT if count == 1 else 1.2 + 2.4 * count)
    figure, panels = plotting.panels(*[1] * count, size=size, stated=settings)
    for axes, objective in zip(panels, settings.objective, strict=True):
        draw_panel(axes, judged, objective)
    panels[-1].set(xlabel="Trial", xlim=(-0.5, len(judged.facts) - 0.5))
    plotting.whole_numbers(panels[-1].xaxis)
    columns = 3 if judged.pruned.any() else 4
    plotting.crown(panels[:1], loc="upper center", title=_trials.title(settings.model), ncols=columns, **LEGEND)
    so_far = {f"best_{objective}": best_so_far(judged, objective) for objective in settings.objective}
    return figure, judged.numbers.assign(**so_far)


def best_so_far(trials: Trials, objective: Objective) -> plotting.Floats:
    """Return the best objective up to each trial, (n,); NaN before the first that is complete."""
    import numpy as np

    from snakeroot.evaluate.search import _trials

    values = trials.finals(objective)
    best = values.cummin() if _trials.minimised(objective) else values.cummax()
    return np.asarray(best.ffill(), np.float64)


def draw_panel(axes: Axes, trials: Trials, objective: Objective) -> None:
    """Draw one objective; every other round is shaded."""
    from snakeroot.evaluate.search import _trials

    facts, known, best = trials.facts, trials.known, trials.best(objective)
    for number, members in facts.groupby("round")["number"]:
        if number % 2:
            axes.axvspan(members.min() - 0.5, members.max() + 0.5, color="#94a4a2", alpha=0.2, linewidth=0)
    _trials.prepare(axes, facts.loc[known, objective].to_numpy(), objective)
    so_far = best_so_far(trials, objective)
    axes.plot(facts["number"], so_far, drawstyle="steps-post", color=_trials.BEST, label="best so far")
    shown, pruned = facts[known], trials.pruned[known]
    _trials.draw_points(axes, shown["number"], shown[objective].to_numpy(), _trials.POINT, faint=pruned, s=26, zorder=3)
    axes.scatter([], [], color=_trials.POINT, s=26, label="trial")
    if pruned.any():
        axes.scatter([], [], color=_trials.POINT, alpha=_trials.FAINT, s=26, label=f"stopped early ({pruned.sum()})")
    if best is not None:
        look: dict[str, Any] = {
            "marker": "*",
            "s": 150,
            "color": _trials.BEST,
            "edgecolor": "white",
            "linewidth": 0.6,
            "zorder": 5,
        }
        axes.scatter([facts.loc[best, "number"]], [facts.loc[best, objective]], label=f"best: trial {best}", **look)
    if not known.all():
        _trials.draw_failed(axes, facts.loc[~known, "number"])
        axes.scatter([], [], marker="x", color=_trials.FAILED, label=f"failed ({int((~known).sum())})")
