"""The plane of a network's two inputs: its output over it, and events in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from snakeroot import plotting
from snakeroot.plotting.settings import Axis

if TYPE_CHECKING:
    from snakeroot.evaluate.binary.decision import Shown

CELLS = 120
EVENTS = 300
LOOKS: dict[str, dict[str, Any]] = {
    class_name: {"color": colour, "marker": {"background": "o", "signal": "^"}[class_name]}
    for class_name, colour in plotting.of_classes(["background", "signal"]).items()
}
TARGETS = {"background": 0, "signal": 1}


def scan(network: torch.nn.Module, ranges: dict[str, tuple[float, float]], cells: int) -> pd.DataFrame:
    """Return the network's output at the centres of `cells` × `cells` cells over the ranges of its two inputs.

    The first input changes fastest, so a column of the table is a grid in row-major order.
    """
    centres = [low + (np.arange(cells) + 0.5) * (high - low) / cells for low, high in ranges.values()]
    second, first = np.meshgrid(centres[1], centres[0], indexing="ij")
    points = np.stack([first.ravel(), second.ravel()], axis=1)
    with torch.no_grad():
        score = torch.sigmoid(network(torch.from_numpy(points.astype(np.float32)))).numpy()
    return pd.DataFrame({**dict(zip(ranges, points.T, strict=True)), "score": score[:, 0].astype(np.float64)})


def choose(table: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """Return at most `most` rows of each class, all rows of a class being equally likely."""
    random = np.random.default_rng(seed)
    classes = [table[table["target"] == target] for target in TARGETS.values()]
    return pd.concat(
        [rows.iloc[np.sort(random.choice(len(rows), min(most, len(rows)), replace=False))] for rows in classes]
    )


def draw(settings: Shown, plane: pd.DataFrame, events: pd.DataFrame) -> Figure:
    """Return the figure from the scanned plane and a table of both inputs and the target."""
    figure, [axes] = plotting.panels(1, size=(6.4, 5.8), stated=settings)
    first, second = plane.columns[:2]
    x, y = (plane[name].unique() for name in (first, second))
    score = plane["score"].to_numpy().reshape(len(y), len(x))
    # Cells are drawn as an image, or the SVG would hold a path for each.
    mesh = axes.pcolormesh(x, y, score, cmap=colour_map(), vmin=0, vmax=1, shading="nearest", rasterized=True)
    bar = figure.colorbar(mesh, ax=axes, label="Score", pad=0.02)
    bar.ax.tick_params(which="both", right=True, left=False)
    if score.min() < 0.5 < score.max():
        axes.contour(x, y, score, levels=[0.5], colors="black", linewidths=1.6)
        axes.plot([], [], color="black", linewidth=1.6, label="score = 0.5")
    for class_name, target in TARGETS.items():
        rows = events[events["target"] == target]
        label = plotting.checked(getattr(settings, class_name), f"evaluation.labels.{class_name}")
        axes.plot(
            rows[first],
            rows[second],
            linestyle="none",
            markersize=4,
            markeredgecolor="#1d232b",
            markeredgewidth=0.5,
            label=label,
            **LOOKS[class_name],
        )
    limit(axes, x, y)
    ends = zip((first, second), (axes.get_xlim(), axes.get_ylim()), strict=True)
    inside = [plotting.within(events[name], np.linspace(*limits, CELLS + 1)) for name, limits in ends]
    outside = int((~np.all(inside, axis=0)).sum()) / max(len(events), 1)
    note = plotting.not_shown({f"of the {settings.rows}": [outside]})
    axes.set(xlabel=_label(settings.axes[first], first), ylabel=_label(settings.axes[second], second))
    title = plotting.checked(settings.model.label, f"evaluation.labels.{settings.model.name}")
    title += f"; {note}" if note else ""
    figure.legend(loc="outside lower center", ncols=3, title=title)  # the plane is full
    return figure


def limit(axes: Axes, x: plotting.Floats, y: plotting.Floats) -> None:
    """End the axes where the outer cells end."""
    axes.set_xlim((3 * x[0] - x[1]) / 2, (3 * x[-1] - x[-2]) / 2)
    axes.set_ylim((3 * y[0] - y[1]) / 2, (3 * y[-1] - y[-2]) / 2)


def colour_map() -> LinearSegmentedColormap:
    """Return blue for background over white at 0.5 to red for signal: the colours of the classes, also in grey."""
    ends = ("#9cc6f0", "#ffffff", "#eba89b")
    return LinearSegmentedColormap.from_list("score", ends)


def _label(axis: Axis, feature: str) -> str:
    return plotting.axis_label(axis.label, axis.unit, feature)
