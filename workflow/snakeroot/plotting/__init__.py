"""The one place for how figures look and how they are saved: the same bytes for the same numbers, wherever it runs.

What stands here is looked for when it is used, so that a figure's module, which is imported to read the config, can
import this one without matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snakeroot.plotting.axes import (
        axis_label,
        counted,
        crown,
        decades,
        grid,
        log_floor,
        pairs,
        panels,
        small,
        thin,
        whole_numbers,
    )
    from snakeroot.plotting.colours import (
        BACKGROUND,
        DASHES,
        LINES,
        SIGNAL,
        of_classes,
        of_labelled,
        of_samples,
        stroke,
    )
    from snakeroot.plotting.headlines import checked, headline
    from snakeroot.plotting.histograms import (
        Floats,
        Histogram,
        are_whole,
        at_edges,
        binning,
        bins_of,
        draw_points,
        draw_steps,
        empty,
        errors,
        fill,
        fractions,
        frame,
        histogram,
        not_shown,
        outside,
        per_bin,
        span,
        within,
    )
    from snakeroot.plotting.saving import HEIGHT, WIDTH, blank, save, stem, style

__all__ = [
    "BACKGROUND",
    "DASHES",
    "HEIGHT",
    "LINES",
    "SIGNAL",
    "WIDTH",
    "Floats",
    "Histogram",
    "are_whole",
    "at_edges",
    "axis_label",
    "binning",
    "bins_of",
    "blank",
    "checked",
    "counted",
    "crown",
    "decades",
    "draw_points",
    "draw_steps",
    "empty",
    "errors",
    "fill",
    "fractions",
    "frame",
    "grid",
    "headline",
    "histogram",
    "log_floor",
    "not_shown",
    "of_classes",
    "of_labelled",
    "of_samples",
    "outside",
    "pairs",
    "panels",
    "per_bin",
    "save",
    "small",
    "span",
    "stem",
    "stroke",
    "style",
    "thin",
    "whole_numbers",
    "within",
]


def __getattr__(name: str) -> Any:
    """Find a name in the module that has it (PEP 562)."""
    if name in __all__:
        for room in ("axes", "colours", "headlines", "histograms", "saving"):
            if hasattr(module := import_module(f"{__name__}.{room}"), name):
                return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
