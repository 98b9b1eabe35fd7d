"""Which worker was at which trial of a search, and when.

Times differ in every run, so this figure lies outside results/, whose bytes do not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Search: jobs", 65
SUBJECT = "search"
READS = ("trials", "records")


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    jobs: list[list[str]] = Field(description="the trials that each job of each round has, as paths name them")
    rungs: int = Field(ge=0, description="jobs of each trial before its last one")


def draw(settings: Shown, trials: list[dict[str, Any]], records: Path) -> tuple[Figure, pd.DataFrame]:
    """Draw a bar for each job of a trial from its start to its end, on a lane for each worker that it takes.

    Lanes are listed from above; the unit of time follows from how long the search took.
    """
    from snakeroot.evaluate.search import _timeline, _trials

    work = _timeline.read(trials, records, settings)
    lanes = work.jobs.groupby("worker")["host"].first()
    size = (1.4 * plotting.WIDTH, 1.3 + _timeline.LEGEND + _timeline.LANE * max(2, len(lanes)))
    figure, [axes] = plotting.panels(1, size=size, stated=None)
    if len(lanes):
        _timeline.draw_jobs(axes, work)
        texts = [f"{host} {1 + list(lanes[:lane]).count(host)}" for lane, host in lanes.items()]
        axes.set_yticks(list(lanes.index), [_trials.plain(text) for text in texts], fontsize=11)
    notes = [f"{work.missing} jobs without a record"] if work.missing else []
    axes.set_title(", ".join([_trials.title(settings.model), *notes]), loc="right")
    return figure, work.jobs
