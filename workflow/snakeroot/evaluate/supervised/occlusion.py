"""What becomes of a model's predictions without single objects of a sequence, or patches of an image."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field

from snakeroot import plotting
from snakeroot.labels import Label
from snakeroot.networks.inputs import Input
from snakeroot.plotting.settings import Labelled, OfTask

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE, ORDER = "Occlusion", 57
SUBJECT = "model"
READS = ("importances",)

ALL = "all"
"""What a regression has in place of classes."""


class Shown(OfTask):
    """What it shows."""

    model: Labelled
    inputs: list[Input] = Field(description="what the model takes")
    classes: list[Labelled] = Field(description="by target; none of a regression")
    unit: Label = Field(description="of the target of a regression")
    permuted: bool = Field(description="whether importances are asked for")


def applies(settings: Shown) -> bool:
    """Whether the model takes sequences or images, and importances are asked for."""
    return settings.permuted and any(one.kind in ("sequence", "image") for one in settings.inputs)


def draw(settings: Shown, importances: list[dict[str, Any]]) -> tuple[Figure, pd.DataFrame]:
    """Draw by how much the prediction falls, on average, when the k-th object or a patch of pixels is taken away."""
    import pandas as pd

    [found] = importances
    panels = list(_panels(settings, found["occlusion"]))
    figure, every = plotting.grid(len(panels), min(len(panels), 2), (4.9, 4.2), stated=settings)
    numbers = []
    for axes, (name, one, classes) in zip(every, panels, strict=True):
        table = pd.concat([_table(one, name, of_class.name) for of_class in classes], ignore_index=True)
        numbers.append(table)
        if one["kind"] == "sequence":
            _draw_sequence(settings, axes, name, table, classes)
        else:
            size = float(pd.concat([_table(one, name, other) for other in one["classes"]])["mean"].abs().max())
            _draw_image(settings, axes, name, table, classes[0], one["parts"], size)
    return figure, pd.concat(numbers, ignore_index=True)


def _panels(settings: Shown, occlusion: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[Labelled]]]:
    """Yield input, what was found of it, and the classes in the panel: an image has one for each class."""
    classes = settings.classes or [Labelled(name=ALL, label=settings.rows)]
    for name in (one.name for one in settings.inputs if one.name in occlusion):
        of_panels = [classes] if occlusion[name]["kind"] == "sequence" else [[one] for one in classes]
        yield from ((name, occlusion[name], of_panel) for of_panel in of_panels)


def _table(one: dict[str, Any], name: str, of_class: str) -> pd.DataFrame:
    """Return a row for each part; what no row has is NaN."""
    import numpy as np
    import pandas as pd

    found = one["classes"][of_class]
    places = np.indices(one["parts"]).reshape(len(one["parts"]), -1)
    columns = ["place"] if len(places) == 1 else ["row", "column"]
    mean, error = (np.array(found[key], np.float64) for key in ("mean", "error"))
    return pd.DataFrame({"input": name, "class": of_class, **dict(zip(columns, places, strict=True))}).assign(
        mean=mean, error=error
    )


def _what(settings: Shown) -> str:
    if not settings.classes:
        unit = plotting.checked(settings.unit, "evaluation.axes.target.unit")
        return f"Prediction falls by [{unit}]" if unit else "Prediction falls by"
    return "Score falls by" if len(settings.classes) <= 2 else "Score of the own class falls by"


def _title(settings: Shown) -> str:
    return plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")


def _draw_sequence(settings: Shown, axes: Axes, name: str, table: pd.DataFrame, classes: list[Labelled]) -> None:
    """Draw the mean fall against the place of the object, with its error."""
    colours = plotting.of_labelled(settings.classes) | {ALL: plotting.LINES[0]}
    axes.axhline(0.0, color="#94a4a2", linestyle=":", linewidth=1)
    for one, dashes in zip(classes, plotting.DASHES * len(classes), strict=False):
        own = table[table["class"] == one.name]
        look: dict[str, Any] = {"color": colours[one.name], "linestyle": dashes}
        axes.plot(
            own["place"] + 1, own["mean"], label=plotting.checked(one.label, f"evaluation.labels.{one.name}"), **look
        )
        low, high = (own["mean"] + sign * own["error"] for sign in (-1, 1))
        axes.fill_between(own["place"] + 1, low, high, color=colours[one.name], alpha=0.25, linewidth=0)
    axes.set(xlabel=f"Object of {name} that is taken away", ylabel=_what(settings))
    plotting.whole_numbers(axes.xaxis)
    plotting.crown([axes], loc="upper right", title=_title(settings))


def _draw_image(
    settings: Shown, axes: Axes, name: str, table: pd.DataFrame, of_class: Labelled, parts: list[int], size: float
) -> None:
    """Draw the mean fall as colour over the patches, on the scale of all classes."""
    import numpy as np

    size = size if size > 0 and math.isfinite(size) else 1.0
    patches = np.ma.masked_invalid(table["mean"].to_numpy().reshape(parts))
    mesh = axes.imshow(patches, cmap="RdBu_r", vmin=-size, vmax=size, origin="lower", aspect="auto")
    label = plotting.checked(of_class.label, f"evaluation.labels.{of_class.name}")
    axes.set(xlabel=f"{name} of {label}: column of patches", ylabel="Row of patches")
    figure: Any = axes.get_figure(root=True)
    figure.colorbar(mesh, ax=axes, label=f"{_what(settings)}, {_title(settings)}", pad=0.02)
    for axis in (axes.xaxis, axes.yaxis):
        plotting.whole_numbers(axis)
