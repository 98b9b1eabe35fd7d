"""The one place for how figures look and how they are saved: the same bytes for the same numbers, wherever it runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hist
import matplotlib as mpl
import mplhep
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import AutoLocator, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from snakeroot.cancellation import positive
from snakeroot.errors import SnakerootError
from snakeroot.files import whole

Floats = NDArray[np.float64]
Histogram = hist.Hist[Any]
Role = str | None
"""The class of a sample, or a name of its own where there are none; None of one that is only shown."""

# Colours that the colour-blind can tell apart: M. A. Petroff, arXiv:2107.02270, the set of ten, shared out by role.
SIGNAL = ("#bd1f01", "#e76300", "#ffa90e")
BACKGROUND = ("#3f90da", "#832db6", "#94a4a2", "#92dadd", "#a96b59")
OTHER = ("#717581", "#b9ac70")
CLASSES = ("#3f90da", "#bd1f01", "#ffa90e", "#832db6", "#a96b59", "#94a4a2", "#e76300", "#92dadd")
LINES = ("#3f90da", "#bd1f01", "#ffa90e", "#832db6", "#a96b59", "#717581")
DASHES = ("-", "--", "-.", ":")

EXACT = 2.0**53
"""Up to here float64 has all whole numbers."""

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
    "lines.linewidth": 1.6,
    "xtick.major.size": 7,
    "xtick.minor.size": 3.5,
    "ytick.major.size": 7,
    "ytick.minor.size": 3.5,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 150,
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


def colours(roles: Iterable[Role]) -> list[str]:
    """Return a colour for each sample by its role: warm for signal, cool for background, dull for none.

    Roles that are not these two have the colours of `of_classes`, in alphabetical order; more samples of a role follow.
    """
    given = list(roles)
    names = sorted({role for role in given if role})
    pools: dict[Role, Iterator[str]] = {None: itertools.cycle(OTHER)}
    if set(names) <= {"signal", "background"}:
        pools |= {"signal": itertools.cycle(SIGNAL), "background": itertools.cycle(BACKGROUND)}
    else:
        more = itertools.cycle(of_classes(len(names) + len(CLASSES))[len(names) :])
        pools |= {name: itertools.chain([own], more) for name, own in zip(names, of_classes(len(names)), strict=True)}
    return [next(pools[role]) for role in given]


def of_classes(count: int) -> list[str]:
    """Return a colour for each class of a multiclass task, in the order of their numbers."""
    return list(itertools.islice(itertools.cycle(CLASSES), count))


def strokes(count: int) -> list[dict[str, Any]]:
    """Return line properties for `count` curves that differ in colour and, for print, in dashes."""
    pairs = itertools.islice(zip(itertools.cycle(LINES), itertools.cycle(DASHES), strict=False), count)
    return [{"color": colour, "linestyle": dashes} for colour, dashes in pairs]


def small(lines: int) -> float:
    """Return the size in points of a legend's text, smaller if it has many lines."""
    return 11.0 if lines <= 4 else 9.5


def panels(
    *heights: float, size: tuple[float, float] = (WIDTH, HEIGHT), luminosity: float | None, energy: float | None
) -> tuple[Figure, list[Axes]]:
    """Return a figure of `size` (inches) with panels of these relative heights, one below the other on one x axis.

    Above the first stands the headline.
    """
    figure = Figure(figsize=size)
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    axes = list(grid[:, 0])
    headline(axes[0], luminosity, energy)
    figure.align_ylabels(axes)
    return figure, axes


def grid(
    count: int, across: int, size: tuple[float, float], *, luminosity: float | None, energy: float | None
) -> tuple[Figure, list[Axes]]:
    """Return a figure with so many panels of `size` (inches), at most `across` beside each other, headline above."""
    across = min(across, count)
    down = math.ceil(count / across)
    figure = Figure(figsize=(across * size[0], down * size[1] + 0.4))
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for empty in axes[count:]:
        empty.set_visible(False)
    headline(axes[0], luminosity, energy)
    if across > 1:
        axes[across - 1].set_title(axes[0].get_title(loc="right"), loc="right")
        axes[0].set_title("", loc="right")
    return figure, axes[:count]


def headline(axes: Axes, luminosity: float | None, energy: float | None) -> None:
    """State above the axes that this is simulation and, where known, luminosity (fb⁻¹) and energy (TeV)."""
    axes.set_title("Simulation", loc="left", fontstyle="italic")
    parts = [f"{luminosity:g} $\\mathrm{{fb}}^{{-1}}$"] if luminosity else []
    if energy:
        parts.append(f"({energy:g} TeV)" if parts else f"{energy:g} TeV")
    axes.set_title(" ".join(parts), loc="right")


def checked(label: str, key: str) -> str:
    """Return `label` when its `$…$` can be typeset; else raise a SnakerootError that names the config's `key`."""
    try:
        MathTextParser("path").parse(label)
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1]
        raise SnakerootError(f"{key}: the label {label!r} is not valid math between its $ signs ({reason})") from error
    return label


def axis_label(label: str, unit: str, feature: str) -> str:
    """Return "label [unit]", or the label of what has no unit, both checked."""
    label = checked(label, f"evaluation.axes.{feature}.label")
    return f"{label} [{checked(unit, f'evaluation.axes.{feature}.unit')}]" if unit else label


def per_bin(filled: Histogram, unit: str = "") -> str:
    """Return " / 2 GeV" for an axis that shows contents per bin of this width."""
    return f" / {float(filled.axes[0].widths[0]):.3g} {unit}".rstrip()


def histogram(values: ArrayLike, weights: ArrayLike, edges: tuple[float, float], bins: int) -> Histogram:
    """Return a histogram of `bins` equal bins between `edges`, with sums of weights and of squared weights per bin.

    What lies outside is kept in the under- and overflow; NaN counts as overflow.
    """
    filled = hist.Hist(hist.axis.Regular(bins, *edges), storage=hist.storage.Weight())
    filled.fill(np.asarray(values, dtype=np.float64), weight=np.asarray(weights, dtype=np.float64))
    return filled


def fractions(filled: Histogram) -> Histogram:
    """Return the histogram divided by its sum, under- and overflow included; unchanged if that is not above 0."""
    view: Any = filled.view(flow=True)
    total = float(view["value"].sum())
    return filled * (1.0 / total) if positive(total, math.sqrt(view["variance"].sum())) else filled


def errors(filled: Histogram) -> Floats:
    """Return the statistical uncertainty per bin: the square root of the sum of squared weights."""
    return np.sqrt(np.asarray(filled.variances(), dtype=np.float64))


def draw_steps(axes: Axes, filled: Histogram, *, fill: bool = False, band: bool = True, **look: Any) -> None:
    """Draw the histogram as an outline, on request with its area filled, and its uncertainty as a band."""
    values, edges, error = filled.values(), filled.axes[0].edges, errors(filled)
    colour = look["color"]
    if fill:
        axes.stairs(values, edges, fill=True, facecolor=colour, alpha=0.25, linewidth=0)
    if band:
        axes.stairs(values + error, edges, baseline=values - error, fill=True, facecolor=colour, alpha=0.3, linewidth=0)
    axes.stairs(values, edges, linewidth=1.4, **look)


def draw_points(axes: Axes, filled: Histogram, **look: Any) -> None:
    """Draw the histogram as points with error bars; empty bins are left out."""
    values, centres, error = filled.values(), filled.axes[0].centers, errors(filled)
    shown = error > 0
    axes.errorbar(centres[shown], values[shown], error[shown], **{"linestyle": "none", "markersize": 4, **look})


def frame(filled: Histogram, **labels: str) -> pd.DataFrame:
    """Return one row per bin: the labels, low and high edge, value, error. Under- and overflow come first and last."""
    edges = np.concatenate([[-np.inf], filled.axes[0].edges, [np.inf]])
    view: Any = filled.view(flow=True)
    columns = {"low": edges[:-1], "high": edges[1:], "value": view["value"], "error": np.sqrt(view["variance"])}
    return pd.DataFrame({**dict.fromkeys(labels), **columns}).assign(**labels)


def headroom(axes: Axes, share: float) -> None:
    """Leave the upper `share` of the axes free, for a legend that covers nothing."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "log":
        axes.set_ylim(low, low * (high / low) ** (1 / (1 - share)))
    else:
        axes.set_ylim(low, low + (high - low) / (1 - share))


def thin(x: Floats, y: Floats, most: int = 500) -> NDArray[np.intp]:
    """Return at most about `most` indices of a curve's points, evenly along its length, first and last included.

    `x` and `y`, (n,), are in units of the drawn panel (log where the axis is), finite. Points are dropped, not moved.
    """
    if len(x) <= most:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    return np.unique(np.append(np.searchsorted(way, np.linspace(0.0, way[-1], most - 1)), [0, len(x) - 1]))


def save(figure: Figure, stem: Path, numbers: pd.DataFrame) -> None:
    """Write <stem>.svg, .png and .pdf, and the numbers that are shown as <stem>.csv: all four whole, or none.

    No date and no random id is in them, so equal figures are equal bytes.
    """
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("svg", "png", "pdf", "csv")]
    with style(), whole(*paths) as [svg, png, pdf, csv]:
        settle(figure)
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png")
        figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "ModDate": None})
        numbers.to_csv(csv, index=False, float_format="%.6g", lineterminator="\n")


def settle(figure: Figure) -> None:
    """Let the numbers of ticks no longer follow the size of the axes.

    They would change while the layout makes room for their labels, and the room would be that for other labels.
    """
    figure.draw_without_rendering()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if isinstance(axis.get_major_locator(), AutoLocator):
                most = min(max(axis.get_tick_space(), 1), 9)  # as AutoLocator does
                axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))


def stem(figure: Path) -> Path:
    """Return the path without ".svg", from which the names of a figure's other files are made."""
    if figure.suffix != ".svg":
        raise SnakerootError(f"--figure {figure}: the name must end in .svg; .png, .pdf and .csv are written beside it")
    return figure.with_suffix("")


def span(values: NDArray[Any], feature: str) -> tuple[float, float]:
    """Return the range without the outermost 0.5 % of entries on either side; never empty."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        raise SnakerootError(
            f"feature {feature}: no finite value in any sample; check its expression and the selection"
        )
    low, high = (float(end) for end in np.quantile(finite.astype(np.float64), [0.005, 0.995]))
    margin = max(0.5, 1e-3 * abs(low))
    return (low, high) if low < high else (low - margin, high + margin)


def binning(values: NDArray[Any], bins: int, feature: str) -> tuple[tuple[float, float], int]:
    """Return the `span` and at most so many bins; of whole numbers, each bin has equally many of those that occur.

    Numbers beyond `EXACT` are not known to one.
    """
    low, high = span(values, feature)
    whole = np.unique(values[np.isfinite(values)].astype(np.float64))
    if np.any(whole != np.round(whole)) or np.abs(whole).max() > EXACT:
        return (low, high), bins
    step = int(np.gcd.reduce(np.diff(whole).astype(np.int64))) or 1
    first = round(max(whole[whole <= low], default=whole[0]))
    last = round(min(whole[whole >= high], default=whole[-1]))
    many = (last - first) // step + 1
    width = step * math.ceil(many / bins)
    count = math.ceil(many * step / width)
    return (first - step / 2, first - step / 2 + count * width), count


def log_floor(values: Sequence[NDArray[Any]]) -> float:
    """Return where a logarithmic y axis should start: half the smallest positive value, 1e-3 if there is none."""
    positive = np.concatenate([np.asarray(value)[np.asarray(value) > 0] for value in values])
    return float(positive.min()) / 2 if positive.size else 1e-3
