"""`python -m snakeroot.evaluate.history`: how the training of a model went, epoch by epoch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from snakeroot import plotting, tables
from snakeroot.command import main
from snakeroot.evaluate.settings import History
from snakeroot.files import read_json
from snakeroot.objectives import Metric

QUANTITIES: dict[Metric, str] = {
    "loss": "Loss",
    "accuracy": "Accuracy",
    "auc": "AUC",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "$r^2$",
}
WITH_UNIT = ("rmse", "mae")
POSITIVE = ("loss", *WITH_UNIT)
"""Of these, decades are shown on a logarithmic axis."""
LOOKS: dict[str, dict[str, Any]] = {
    "train": {"linestyle": "--", "alpha": 0.6},
    "validation": {"linestyle": "-"},
}


def make(
    settings: History,
    histories: Annotated[list[Path], "the metrics of each epoch, one file per network (Parquet)"],
    facts: Annotated[list[Path], "what is known of each network (model.json)"],
    figure: Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"],
) -> None:
    """Draw the metrics on train and validation split against the epoch, with the best epoch marked."""
    stem = plotting.stem(figure)
    networks = {
        network: Course(tables.read(path).to_pandas(), read_json(known)["best_epoch"])
        for network, path, known in zip(settings.networks, histories, facts, strict=True)
    }
    with plotting.style():
        drawn = draw(settings, list(networks.values()))
    numbers = [course.epochs.assign(network=network) for network, course in networks.items()]
    plotting.save(drawn, stem, pd.concat(numbers, ignore_index=True))


class Course(NamedTuple):
    """How the training of one network went: epochs or, of what is trained without gradients, iterations."""

    epochs: pd.DataFrame
    best: int

    @property
    def step(self) -> str:
        """What a row is."""
        return "epoch" if "learning_rate" in self.epochs else "iteration"


def draw(settings: History, courses: list[Course]) -> Figure:
    """Return the figure: one panel for each quantity, in one legend.

    Of several networks the lines are thin, and the best epoch is a point on each.
    """
    count = len(settings.metrics)
    size = (plotting.WIDTH, 4.0 if count == 1 else 1.0 + 1.8 * count)
    figure, panels = plotting.panels(*[1] * count, size=size, stated=settings)
    colour = plotting.stroke(settings.model.number)["color"]
    for axes, quantity in zip(panels, settings.metrics, strict=True):
        for number, course in enumerate(courses):
            draw_course(axes, course, quantity, colour, alone=len(courses) == 1, labelled=number == 0)
        unit = plotting.checked(settings.unit, "evaluation.axes.target.unit") if quantity in WITH_UNIT else ""
        axes.set_ylabel(QUANTITIES[quantity] + (f" [{unit}]" if unit else ""))
        axes.margins(y=0.12)
        if quantity in POSITIVE:
            plotting.decades(axes, *(c.epochs[[f"{split}_{quantity}" for split in LOOKS]] for c in courses))
    longest = max(course.epochs["epoch"].max() for course in courses)
    panels[-1].set(xlabel=courses[0].step.capitalize(), xlim=(0.5, longest + 0.5))
    plotting.whole_numbers(panels[-1].xaxis)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f" ({len(courses)} networks)" if len(courses) > 1 else ""
    clear: dict[str, Any] = {"frameon": True, "framealpha": 1, "edgecolor": "none"}  # of the line at the best epoch
    plotting.crown(panels[:1], loc="upper center", ncols=3, title=title, **clear)
    return figure


def draw_course(axes: Axes, course: Course, quantity: str, colour: str, *, alone: bool, labelled: bool) -> None:
    """Draw one quantity of one network; only one of several networks is labelled, or the legend would be full."""
    epochs, best = course
    # A few epochs are too few for a line alone.
    size = {"marker": "o" if len(epochs) <= 20 else "", "markersize": 3} if alone else {"linewidth": 0.7}
    for split, look in LOOKS.items():
        label = split if labelled else None
        axes.plot(epochs["epoch"], epochs[f"{split}_{quantity}"], color=colour, label=label, **size, **look)
    if alone:
        axes.axvline(best, color="#717581", linestyle=":", linewidth=1.2, label=f"best {course.step}: {best}")
    else:
        reached = epochs.loc[epochs["epoch"] == best, f"validation_{quantity}"]
        look = {"color": colour, "linestyle": "none", "marker": "o", "markersize": 4}
        axes.plot([best], reached, label=f"best {course.step}s" if labelled else None, zorder=3, **look)


if __name__ == "__main__":
    main(make)
