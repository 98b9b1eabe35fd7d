"""`python -m snakeroot.evaluate.search.front`: the objectives of a search against each other, with the Pareto front."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.search import trials
from snakeroot.evaluate.search.settings import Search
from snakeroot.files import read_json


def make(
    settings: Search,
    history: Annotated[Path, "all trials (JSON)"],
    best: Annotated[Path, "the trials that no other is better than (JSON)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw all trials in the plane of the first objective and each other one, with those that none is better than.

    Raises:
        SnakerootError: if there is one objective only.
    """
    stem = plotting.stem(figure)
    if len(settings.objective) < 2:
        raise SnakerootError("a Pareto front takes two objectives or more")
    found = trials.read(history, settings)
    on_front = [trial["trial"] for trial in read_json(best)["front"]]
    with plotting.style():
        drawn = draw(settings, found, on_front)
    plotting.save(drawn, stem, found.numbers.assign(front=found.facts["number"].isin(on_front)))


def draw(settings: Search, found: trials.Trials, on_front: list[int]) -> Figure:
    """Return the figure: a panel for each objective but the first, whose axis they share."""
    first, *others = settings.objective
    size = (plotting.WIDTH, plotting.HEIGHT if len(others) == 1 else 1.2 + 2.4 * len(others))
    figure, panels = plotting.panels(*[1] * len(others), size=size, stated=settings)
    shown = found.facts[found.known]
    front = shown[shown["number"].isin(on_front)].sort_values(first)
    for axes, objective in zip(panels, others, strict=True):
        trials.prepare(axes, shown[objective].to_numpy(), objective)
        if len(others) == 1:  # of three objectives the front is a surface
            # a step shows what the front rules out: all that is worse in both objectives
            steps = "steps-post" if trials.minimised(first) else "steps-pre"
            axes.plot(front[first], front[objective], color=trials.BEST, drawstyle=steps, linewidth=1.2)
        trials.draw_points(axes, shown[first], shown[objective].to_numpy(), trials.POINT, s=26)
        trials.draw_points(axes, front[first], front[objective].to_numpy(), trials.BEST, s=42, zorder=4)
    for name, colour in (("trial", trials.POINT), ("Pareto front", trials.BEST)):
        panels[0].scatter([], [], color=colour, label=name)
    low, high = trials.limits(shown[first].to_numpy(), first)
    margin = 0.05 * (high - low)
    panels[-1].set(xlabel=trials.NAMES[first], xlim=(low - margin, high + margin))
    if first in trials.WHOLE:
        plotting.whole_numbers(panels[-1].xaxis)
    plotting.crown(panels[:1], loc="upper center", ncols=2, title=trials.title(settings))
    return figure


if __name__ == "__main__":
    main(make)
