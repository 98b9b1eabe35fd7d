"""How the training of a model went, epoch by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from snakeroot import plotting
from snakeroot.labels import Label
from snakeroot.plotting.settings import Labelled, OfTask
from snakeroot.settings import Settings

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE, ORDER = "Training", 20
SUBJECT = "model"
READS = ("histories", "metadata")

LOOKS: dict[str, dict[str, Any]] = {
    "train": {"linestyle": "--", "alpha": 0.6},
    "validation": {"linestyle": "-"},
}


class Course(NamedTuple):
    """How the training of one network went: epochs or, of what is trained without gradients, iterations."""

    epochs: pd.DataFrame
    best: int

    @property
    def step(self) -> str:
        """What a row is."""
        return "epoch" if "learning_rate" in self.epochs else "iteration"


class Quantity(Settings):
    """What was measured."""

    name: str
    title: str
    of_target: bool = Field(False, description="whether its unit is the target's")
    decades: bool = Field(False, description="whether its axis is logarithmic where it spans more than a factor of ten")


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    number: int = Field(0, ge=0, description="its place among the task's models, from which its colour follows")
    metrics: list[Quantity] = Field(min_length=1, description="what was measured after each epoch")
    unit: Label = Field("", description="of a regression's target")
    networks: list[str] = Field(min_length=1, description="the model's networks, in the order of the files given")


def draw(settings: Shown, histories: list[pd.DataFrame], metadata: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw the metrics on train and validation split against the epoch, with the best epoch marked.

    Of several networks the lines are thin, and the best epoch is a point on each.
    """
    import pandas as pd

    courses = [Course(epochs, known["best_epoch"]) for epochs, known in zip(histories, metadata, strict=True)]
    count = len(settings.metrics)
    size = (plotting.WIDTH, 4.0 if count == 1 else 1.0 + 1.8 * count)
    figure, panels = plotting.panels(*[1] * count, size=size, stated=settings)
    colour = plotting.stroke(settings.number)["color"]
    for axes, quantity in zip(panels, settings.metrics, strict=True):
        for number, course in enumerate(courses):
            draw_course(axes, course, quantity.name, colour, alone=len(courses) == 1, labelled=number == 0)
        unit = plotting.checked(settings.unit, "evaluation.axes.target.unit") if quantity.of_target else ""
        axes.set_ylabel(quantity.title + (f" [{unit}]" if unit else ""))
        axes.margins(y=0.12)
        if quantity.decades:
            plotting.decades(axes, *(c.epochs[[f"{split}_{quantity.name}" for split in LOOKS]] for c in courses))
    longest = max(course.epochs["epoch"].max() for course in courses)
    panels[-1].set(xlabel=courses[0].step.capitalize(), xlim=(0.5, longest + 0.5))
    plotting.whole_numbers(panels[-1].xaxis)
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f" ({len(courses)} networks)" if len(courses) > 1 else ""
    clear: dict[str, Any] = {"frameon": True, "framealpha": 1, "edgecolor": "none"}  # of the line at the best epoch
    plotting.crown(panels[:1], loc="upper center", ncols=3, title=title, **clear)
    numbers = [one.epochs.assign(network=name) for one, name in zip(courses, settings.networks, strict=True)]
    return figure, pd.concat(numbers, ignore_index=True)


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
