"""How the trainings of a task's models went, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.plotting.settings import Model, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

TITLE, ORDER = "Trainings side by side", 21
SUBJECT = "task"
READS = ("histories",)

SPLITS = ("train", "validation")


class Trained(Model):
    """One model."""

    networks: int = Field(ge=1, description="how many it has")


class Shown(OfTask):
    """What it shows."""

    trained: list[Trained] = Field(description="models that are trained by gradients")


def applies(settings: Shown) -> bool:
    """Whether there is anything to compare."""
    return len(settings.trained) > 1


def draw(settings: Shown, histories: list[pd.DataFrame]) -> tuple[Figure, pd.DataFrame]:
    """Draw the train and validation loss of all models that are trained by gradients against the epoch.

    Args:
        settings: what it shows.
        histories: model by model, network by network.
    """
    import pandas as pd

    left = iter(histories)
    courses = [mean([next(left) for _ in range(model.networks)]) for model in settings.trained]
    figure, panels = plotting.panels(1, 1, size=(plotting.WIDTH, 5.2), stated=settings)
    for axes, split in zip(panels, SPLITS, strict=True):
        for model, course in zip(settings.trained, courses, strict=True):
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
    numbers = [course.assign(model=model.name) for model, course in zip(settings.trained, courses, strict=True)]
    return figure, pd.concat(numbers, ignore_index=True)


def mean(networks: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean loss of several networks at each epoch that all of them have reached."""
    import pandas as pd

    losses = [network.set_index("epoch")[[f"{split}_loss" for split in SPLITS]] for network in networks]
    joined = pd.concat(losses, keys=range(len(losses)), names=["network"])
    reached = joined.groupby("epoch").filter(lambda rows: len(rows) == len(losses))
    return reached.groupby("epoch").mean().reset_index()
