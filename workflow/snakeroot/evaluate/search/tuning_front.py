"""The objectives of a search against each other, with the Pareto front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snakeroot import plotting
from snakeroot.evaluate.search._searched import Searched

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Search: Pareto front", 61
SUBJECT = "search"
READS = ("trials", "best")


class Shown(Searched):
    """What it shows."""


def applies(settings: Shown) -> bool:
    """Whether there is a front: of one objective there is a best trial."""
    return len(settings.objective) > 1


def draw(settings: Shown, trials: list[dict[str, Any]], best: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Draw all trials in the plane of the first objective and each other one, with those that none is better than."""
    from snakeroot.evaluate.search import _trials

    judged = _trials.table(trials, settings)
    on_front = [trial["trial"] for trial in best["front"]]
    first, *others = settings.objective
    size = (plotting.WIDTH, plotting.HEIGHT if len(others) == 1 else 1.2 + 2.4 * len(others))
    figure, panels = plotting.panels(*[1] * len(others), size=size, stated=settings)
    shown = judged.facts[judged.known]
    front = shown[shown["number"].isin(on_front)].sort_values(first)
    for axes, objective in zip(panels, others, strict=True):
        _trials.prepare(axes, shown[objective].to_numpy(), objective)
        if len(others) == 1:  # of three objectives the front is a surface
            # a step shows what the front rules out: all that is worse in both objectives
            steps = "steps-post" if _trials.minimised(first) else "steps-pre"
            axes.plot(front[first], front[objective], color=_trials.BEST, drawstyle=steps, linewidth=1.2)
        _trials.draw_points(axes, shown[first], shown[objective].to_numpy(), _trials.POINT, s=26)
        _trials.draw_points(axes, front[first], front[objective].to_numpy(), _trials.BEST, s=42, zorder=4)
    for name, colour in (("trial", _trials.POINT), ("Pareto front", _trials.BEST)):
        panels[0].scatter([], [], color=colour, label=name)
    low, high = _trials.limits(shown[first].to_numpy(), first)
    margin = 0.05 * (high - low)
    panels[-1].set(xlabel=_trials.name_of(first), xlim=(low - margin, high + margin))
    if first in _trials.WHOLE:
        plotting.whole_numbers(panels[-1].xaxis)
    plotting.crown(panels[:1], loc="upper center", ncols=2, title=_trials.title(settings.model))
    return figure, judged.numbers.assign(front=judged.facts["number"].isin(on_front))
