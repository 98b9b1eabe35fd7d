"""`python -m snakeroot.evaluate.convergence`: how the trainings of a task's models went, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from matplotlib.figure import Figure

from snakeroot import plotting, tables
from snakeroot.command import main
from snakeroot.evaluate.settings import Convergence

SPLITS = ("train", "validation")


def make(
    settings: Convergence,
    histories: Annotated[list[Path], "the metrics of each epoch, model by model, network by network (Parquet)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the train and validation loss of all models that are trained by gradients against the epoch."""
    stem, files = plotting.stem(figure), iter(histories)
    courses = {
        model.name: mean([tables.read(next(files)).to_pandas() for _ in range(model.networks)])
        for model in settings.models
    }
    with plotting.style():
        drawn = draw(settings, list(courses.values()))
    numbers = [course.assign(model=name) for name, course in courses.items()]
    plotting.save(drawn, stem, pd.concat(numbers, ignore_index=True))


def mean(networks: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean loss of several networks at each epoch that all of them have reached."""
    losses = [network.set_index("epoch")[[f"{split}_loss" for split in SPLITS]] for network in networks]
    joined = pd.concat(losses, keys=range(len(losses)), names=["network"])
    reached = joined.groupby("epoch").filter(lambda rows: len(rows) == len(losses))
    return reached.groupby("epoch").mean().reset_index()


def draw(settings: Convergence, courses: list[pd.DataFrame]) -> Figure:
    """Return the figure: a panel for each split."""
    figure, panels = plotting.panels(1, 1, size=(plotting.WIDTH, 5.2), stated=settings)
    for axes, split in zip(panels, SPLITS, strict=True):
        for model, course in zip(settings.models, courses, strict=True):
            label = plotting.checked(model.label, f"evaluation.labels.{model.name}")
            label += f" (mean of {model.networks})" if model.networks > 1 else ""
            mark: dict[str, Any] = {"marker": "o", "markersize": 3} if len(course) == 1 else {}
            axes.plot(course["epoch"], course[f"{split}_loss"], label=label, **plotting.stroke(model.number), **mark)
        axes.set_ylabel(f"{split.capitalize()} loss")
        axes.margins(y=0.08)
        plotting.decades(axes, *(course[f"{split}_loss"] for course in courses))
    panels[-1].set(xlabel="Epoch", xlim=(0.5, max(course["epoch"].max() for course in courses) + 0.5))
    plotting.whole_numbers(panels[-1].xaxis)
    plotting.crown(panels[:1], loc="upper right", ncols=2 if len(courses) > 3 else 1)
    return figure


if __name__ == "__main__":
    main(make)
