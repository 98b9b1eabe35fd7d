"""Which worker was at which trial of a search, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.ticker import MaxNLocator, NullLocator

from snakeroot.data.files import read_json
from snakeroot.evaluate.search import _trials

if TYPE_CHECKING:
    from snakeroot.evaluate.search.tuning_timeline import Shown

PAUSE = 600.0
"""Seconds without any job after which the search was not under way: the time between two runs is left out."""
STATES: dict[str, tuple[str, Any]] = {
    "complete": ("complete", to_rgba(_trials.POINT)),
    "pruned": ("stopped early", to_rgba(_trials.POINT, _trials.FAINT)),
    "fail": ("failed", to_rgba(_trials.FAILED, 0.7)),
}
LANE, LEGEND = 0.34, 0.75
"""Inches of a lane, and above the lanes."""
UNITS = {"s": 300.0, "min": 5 * 3600.0, "h": np.inf}
"""Unit of time, and the seconds up to which it is used."""
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}


class Work(NamedTuple):
    """What is known of a search's jobs.

    Attributes:
        jobs: a row each, by start: number, round, rung (the last one included), state of the trial, host, worker (a
            number within all hosts), start and end (UTC), begin and done (s since the search began, without pauses).
        missing: jobs of which no record is left.
        pauses: where pauses were left out (s since the search began).
    """

    jobs: pd.DataFrame
    missing: int
    pauses: list[float]

    @property
    def took(self) -> float:
        """Seconds from the first start to the last end, without pauses."""
        return float(self.jobs["done"].max())

    @property
    def busy(self) -> float:
        """The share of this time that the workers, each taken to be there throughout, were at a job."""
        jobs = self.jobs
        return float((jobs["done"] - jobs["begin"]).sum() / (self.took * (1 + jobs["worker"].max())))


def read(trials: Sequence[Mapping[str, Any]], records: Path, settings: Shown) -> Work:
    """Return the trainings of trials as their histories have them, each of so many rungs before its last."""
    states = {trial["number"]: {name: trial[name] for name in ("number", "round", "state")} for trial in trials}
    rows = []
    for number, names in enumerate(settings.jobs):
        for folder in (records / f"round{number}" / f"trial{name}" for name in names):
            for rung, place in enumerate([*(folder / f"rung{rung}" for rung in range(settings.rungs)), folder]):
                path = place / "result.json.json"
                record = read_json(path) if path.exists() else {"trials": []}
                for trial in record["trials"]:
                    times = {name: trial[name] for name in ("start", "end")}
                    rows.append(states[trial["number"]] | {"rung": rung, "host": record["host"]} | times)
    missing = len(trials) * (1 + settings.rungs) - len(rows)
    jobs = pd.DataFrame(rows, columns=["number", "round", "state", "rung", "host", "start", "end"])
    for name in ("start", "end"):
        jobs[name] = pd.to_datetime(jobs[name], format="ISO8601", utc=True)
    jobs = jobs.sort_values(["start", "number", "rung"], ignore_index=True)
    jobs["worker"] = workers(jobs)
    pauses = list(without_pauses(jobs))
    return Work(jobs, missing, pauses)


def workers(jobs: pd.DataFrame) -> list[int]:
    """Return a lane for each job, given by start: the first of its host that is free; lanes are sorted by host."""
    free: dict[tuple[str, int], pd.Timestamp] = {}
    lanes = []
    for job in jobs.itertuples():
        slot = 0
        while (job.host, slot) in free and free[job.host, slot] > job.start:
            slot += 1
        free[job.host, slot] = job.end
        lanes.append((job.host, slot))
    order = sorted(free)
    return [order.index(lane) for lane in lanes]


def without_pauses(jobs: pd.DataFrame) -> Iterator[float]:
    """Add begin and done (s) to the jobs, given by start, and yield where a pause was left out."""
    seconds = [(jobs[name] - jobs["start"].min()).dt.total_seconds().to_numpy() for name in ("start", "end")]
    begin, done = (np.array(values) for values in seconds)
    latest = np.maximum.accumulate(done)
    for number in range(1, len(jobs)):
        gap = begin[number] - latest[number - 1]
        if gap > PAUSE:
            yield float(latest[number - 1])
            begin[number:] -= gap
            done[number:] -= gap
            latest[number:] -= gap
    jobs["begin"], jobs["done"] = begin, done


def draw_jobs(axes: Axes, work: Work) -> None:
    """Draw the bars, and say how long they took and how busy their workers were."""
    unit = next(name for name, most in UNITS.items() if work.took <= most)
    scale, jobs = SECONDS[unit], work.jobs
    for state, (text, colour) in STATES.items():
        shown = jobs[jobs["state"].eq(state)]
        if len(shown):
            width = (shown["done"] - shown["begin"]) / scale
            # the edge is what can be seen of a job of no time
            look: dict[str, Any] = {"facecolor": colour, "edgecolor": "#3c4048", "linewidth": 0.6}
            label = f"{text} ({shown['number'].nunique()})"
            axes.barh(shown["worker"], width, 0.8, shown["begin"] / scale, label=label, **look)
    for job in jobs.itertuples():
        if (job.done - job.begin) / work.took > 0.005 + 0.01 * len(str(job.number)):  # there is room for the number
            middle = (job.begin + job.done) / 2 / scale
            axes.annotate(str(job.number), (middle, job.worker), ha="center", va="center", size=10)
    lanes = 1 + jobs["worker"].max()
    axes.vlines(np.array(work.pauses) / scale, -0.6, lanes - 0.4, color="black", linestyle=":", linewidth=1.2)
    title = f"{work.took / scale:.3g} {unit}, workers {100 * work.busy:.0f} % busy"
    axes.legend(loc="upper center", ncols=len(STATES), title=title)
    axes.set(
        xlabel=f"Time since the search began [{unit}]",
        xlim=(0, 1.02 * work.took / scale),
        ylim=(lanes - 0.4, -0.6 - LEGEND / LANE),
    )
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", which="both", length=0)
