"""An axis on which each input, or whatever is named, has a row."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator


def rows(axes: Axes, labels: Sequence[str]) -> None:
    """Give each label a row of the y axis, the first one on top."""
    for edge in range(1, len(labels)):
        axes.axhline(edge - 0.5, color="#e3e6ea", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(labels)), labels, fontsize=11)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(labels) - 0.5, -0.5)


def left_out(count: int) -> str:
    """Return what to say of inputs that have no row."""
    return f"{count} inputs that matter less are not shown" if count else ""
