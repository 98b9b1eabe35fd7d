"""The style of all figures, and how they are saved: nothing in it depends on the user, the machine or the time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

import matplotlib as mpl
import mplhep
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator, Formatter, MaxNLocator, NullFormatter, NullLocator

from snakeroot.data.files import atomic
from snakeroot.errors import SnakerootError

WIDTH, HEIGHT = 6.4, 4.8
"""Inches of a figure with one panel: about the width of a text column."""

STYLE: Any = {
    **mplhep.style.CMS,
    "font.sans-serif": ["TeX Gyre Heros", "DejaVu Sans"],  # both come with the packages, so no machine differs
    "mathtext.fallback": "stixsans",
    "font.size": 13,
    "axes.titlesize": 13,
    "legend.fontsize": 11,
    "axes.linewidth": 1.0,
    "axes.titley": 1.0,  # where titles are anyway; matplotlib would look for it in each drawing, which is slow
    "lines.linewidth": 1.6,
    "xtick.major.size": 7,
    "xtick.minor.size": 3.5,
    "ytick.major.size": 7,
    "ytick.minor.size": 3.5,
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "svg.hashsalt": "snakeroot",  # element ids would be random otherwise
    "svg.fonttype": "path",
    "pdf.compression": 6,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw figures in our style and nothing else: no matplotlibrc of a user or folder; outside nothing is changed."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def blank(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches, whose texts are measured as its PNG will have them."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)  # keeps what measures, which would be made anew for each text
    return figure


def stem(figure: Path) -> Path:
    """Return the path without ".svg", from which the names of a figure's other files are made."""
    if figure.suffix != ".svg":
        raise SnakerootError(f"--figure {figure}: the name must end in .svg; .png, .pdf and .csv are written beside it")
    return figure.with_suffix("")


def save(figure: Figure, stem: Path, numbers: pd.DataFrame) -> None:
    """Write <stem>.svg, .png and .pdf, and the numbers that are shown as <stem>.csv: all four whole, or none.

    No date and no random id is in them, so equal figures are equal bytes.
    """
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "png", "pdf", "csv")]
    with style(), atomic(*paths) as [svg, png, pdf, csv]:
        settle(figure)
        # not by Figure.savefig, which draws all twice, first for the layout
        canvases: Any = FigureCanvasPdf(figure), FigureCanvasSVG(figure), FigureCanvasAgg(figure)
        canvases[2].print_png(png)
        dpi = figure.dpi  # of images in the others, which leave 72 behind
        canvases[1].print_svg(svg, metadata={"Date": None})
        figure.dpi = dpi
        canvases[0].print_pdf(pdf, metadata={"CreationDate": None, "ModDate": None})
        figure.dpi = dpi
        numbers.to_csv(csv, index=False, float_format="%.6g", lineterminator="\n")


def settle(figure: Figure) -> None:
    """Let the numbers of ticks no longer follow the size of the axes, and each tick say its whole number.

    They would change while the layout makes room for their labels, and the room would be that for other labels. A power
    of ten beside the axis would stand on its label, or on what is stated above the figure.
    """
    measurable(figure)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_locator(), AutoLocator):
                most = min(max(axis.get_tick_space(), 1), 9)  # as AutoLocator does
                axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
            if axis.get_offset_text().get_text():
                axis.set_major_formatter(Whole())
    for axes in figure.axes:
        _spread(axes)
    lay_out(figure)
    figure.set_layout_engine("none")  # the layout is that of all formats: each would lay out anew


LAID_OUT: WeakSet[Figure] = WeakSet()


def measurable(figure: Figure) -> None:
    """Find places for axes and ticks if none have been found: what is drawn inside of the axes moves them little."""
    if figure not in LAID_OUT:
        lay_out(figure)


def lay_out(figure: Figure) -> None:
    """Find places for axes and ticks, without the drawing, which would find none for anything else."""
    if engine := figure.get_layout_engine():
        with _major_ticks_only(figure):
            engine.execute(figure)
        LAID_OUT.add(figure)


@contextmanager
def _major_ticks_only(figure: Figure) -> Iterator[None]:
    """Leave out ticks without numbers, which are many and inside of the axes, so that no layout follows from them."""
    axes = [axis for one in figure.axes for axis in (one.xaxis, one.yaxis)]
    left_out = [
        (axis, axis.get_minor_locator()) for axis in axes if isinstance(axis.get_minor_formatter(), NullFormatter)
    ]
    for axis, _ in left_out:
        axis.set_minor_locator(NullLocator())
    yield
    for axis, locator in left_out:
        axis.set_minor_locator(locator)


class Whole(Formatter):
    """Says the whole number at each tick of a linear axis, each with its own power of ten where that is shorter."""

    def __call__(self, x: float, pos: int | None = None) -> str:  # noqa: ARG002 - as matplotlib calls it
        """Return the text of a tick alone."""
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Return the texts of all ticks."""
        largest = max(map(abs, values), default=0.0) or 1.0
        step = min(map(abs, np.diff(values)), default=0.0) or largest
        power, last = math.floor(math.log10(largest)), math.floor(math.log10(step) + 1e-9)
        if power - last > 2:  # the digits are more than a power of ten would save
            return [
                f"{value:.{max(0, -last + (step != 10.0**last))}f}".replace("-", "\N{MINUS SIGN}") for value in values
            ]
        return [rf"${value / 10.0**power:.4g} \times 10^{{{power}}}$" if value else "0" for value in values]


def _spread(axes: Axes) -> None:
    """Leave out ticks of the x axis whose numbers would run into each other."""
    locator = axes.xaxis.get_major_locator()
    if not isinstance(locator, MaxNLocator):
        return
    low, high = sorted(axes.get_xlim())
    axes.xaxis.get_majorticklabels()  # which gives the ticks the texts of their formatter
    shown = [tick.label1 for tick in axes.xaxis.get_major_ticks() if low <= tick.get_loc() <= high]
    boxes = [label.get_window_extent() for label in shown if label.get_visible() and label.get_text()]
    widest = max((box.width for box in boxes), default=0.0)
    room = int(axes.bbox.width / (1.25 * widest)) if widest else len(boxes)
    if len(boxes) > room:
        locator.set_params(nbins=max(room, 1))
