"""What is stated above figures: a plain line, or the label of an experiment as mplhep makes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import mplhep
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from snakeroot.errors import SnakerootError
from snakeroot.plotting.settings import Headline

EXPERIMENTS: dict[str, Any] = {
    "alice": mplhep.alice,
    "atlas": mplhep.atlas,
    "cms": mplhep.cms,
    "dune": mplhep.dune,
    "lhcb": mplhep.lhcb,
}
"""Whose labels mplhep knows, by their names in lower case."""

INSIDE = "inside"
"""The id of texts above the axes that belong into their upper left corner, where `crown` makes room for them."""

PLAIN: dict[str, Any] = {"fontsize": 11.0, "color": "#3a424e"}
GAP = 5.0
"""Points between the name of an experiment and what follows it."""

MARGIN = 8.0
"""Points: the room of a tick at the edge of the axes."""


class Label(NamedTuple):
    """An experiment's label: texts that are not drawn, with their fonts.

    Attributes:
        name, status, luminosity: the last two may be empty.
        inside: whether name and status belong into the axes.
        below: whether luminosity and energy do, below these.
    """

    name: Text
    status: Text
    luminosity: Text
    inside: bool
    below: bool


def headline(row: Sequence[Axes], stated: Headline | None, above: float = 0.0) -> None:
    """State above the row of panels what its events are and, where known, luminosity (fb⁻¹) and energy (TeV).

    Without an experiment that mplhep knows it is one plain line, which no reader can take for an official label.

    Args:
        above: points that are left free between it and the panels.
    """
    if stated is None:
        return
    for name in ("experiment", "origin", "status"):
        checked(getattr(stated, name), f"evaluation.{name}")
    pad = float(mpl.rcParams["axes.titlepad"]) + above
    if stated.experiment.lower() in EXPERIMENTS:
        _official(row, label_of(stated), pad)
    else:
        _plain(row, stated, pad)


def _plain(row: Sequence[Axes], stated: Headline, pad: float) -> None:
    who = " ".join(filter(None, (stated.experiment, stated.status)))
    parts = [who, stated.origin, f"$\\sqrt{{s}}$ = {stated.energy:g} TeV" if stated.energy else ""]
    parts += [f"{stated.luminosity:g} $\\mathrm{{fb}}^{{-1}}$"] if stated.luminosity else []
    parts = list(filter(None, parts))
    line = row[0].set_title(", ".join(parts), loc="left", pad=pad, **PLAIN)
    if line.get_window_extent().width > row[-1].bbox.x1 - row[0].bbox.x0 and len(parts) > 1:
        line.set_text(f"{parts[0]}\n{', '.join(parts[1:])}")


def _official(row: Sequence[Axes], label: Label, pad: float) -> None:
    """Put a label above the row: name and status at the left, luminosity and energy at the right."""
    name = row[0].set_title(label.name.get_text(), loc="left", pad=pad, **_font(label.name))
    texts = [name]
    if label.status.get_text():
        texts.append(_beside(row[0], name, label.status))
    right = row[-1].set_title(label.luminosity.get_text(), loc="right", pad=pad, **_font(label.luminosity))
    wanted = sum(text.get_window_extent().width for text in (*texts, right)) + 4 * GAP
    if right.get_text() and wanted > row[-1].bbox.x1 - row[0].bbox.x0:
        right.set_text(f"{right.get_text()}\n")  # a line higher
    for text in [*(texts if label.inside else []), *([right] if label.below else [])]:
        text.set_gid(INSIDE)


def _beside(axes: Axes, name: Text, text: Text) -> Text:
    """Write a text behind the name, on its baseline."""
    up = 0.22 * (
        float(name.get_fontsize()) - float(text.get_fontsize())
    )  # of all our fonts, what is below the baseline
    place: dict[str, Any] = {"xycoords": name, "textcoords": "offset points", "va": "bottom"}
    return axes.annotate(text.get_text(), (1, 0), (GAP, up), **place, **_font(text))


def label_of(stated: Headline) -> Label:
    """Return the label of an experiment as mplhep's function for it words and sets it, in sizes that fit our figures.

    What is recorded has no word of its own: "CMS Preliminary" is data, "CMS Simulation Preliminary" is not.
    """
    said = {"Simulation": "", "Data": "", "Data and simulation": ""}
    words = " ".join(filter(None, (said.get(stated.origin, stated.origin), stated.status)))
    size = float(mpl.rcParams["font.size"])
    scratch = Figure().subplots()
    energy = None if stated.energy is None else f"{stated.energy:g} TeV"
    luminosity = None if stated.luminosity is None else f"{stated.luminosity:g}"
    sizes = (1.25 * size, size, size, size)
    known = {"data": stated.origin != "Simulation", "com": energy, "lumi": luminosity, "fontsize": sizes}
    name, status, right, _ = EXPERIMENTS[stated.experiment.lower()].label(words, ax=scratch, **known)
    right = right or Text()
    right.set_fontstyle("normal")  # of ATLAS it is half italic, as the unit is math
    inside = [text.get_text() != "" and text.get_position()[1] < 1 for text in (name, right)]
    return Label(name, status, right, *inside)


def corner(axes: Axes) -> Bbox | None:
    """Move texts that belong into the axes to their upper left; return where they are then, if there are any."""
    titles: Any = axes
    left, right = titles._left_title, titles._right_title
    if left.get_gid() != INSIDE:
        return None
    place: dict[str, Any] = {"textcoords": "offset points", "ha": "left", "va": "top"}
    moved: list[Text] = [
        axes.annotate(left.get_text(), (0, 1), (MARGIN, -MARGIN), xycoords="axes fraction", **place, **_font(left))
    ]
    for text in [text for text in axes.texts if text.get_gid() == INSIDE]:
        moved.append(_beside(axes, moved[0], text))
        text.remove()
    if right.get_gid() == INSIDE:
        below = right.get_text().strip()
        moved.append(axes.annotate(below, (0, 0), (0, -3), xycoords=moved[0], **place, **_font(right)))
        right.set_text("")
    left.set_text("")
    return Bbox.union([text.get_window_extent() for text in moved])


def _font(text: Text) -> dict[str, Any]:
    return {
        "fontsize": text.get_fontsize(),
        "fontweight": text.get_fontweight(),
        "fontstyle": text.get_fontstyle(),
        "fontfamily": text.get_fontfamily(),
    }


def checked(label: str, key: str) -> str:
    """Return `label` when its `$…$` can be typeset; else raise a SnakerootError that names the config's `key`."""
    if "$" not in label:
        return label
    try:
        MathTextParser("path").parse(label)
    except (ValueError, RecursionError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise SnakerootError(f"{key}: the label {label!r} is not valid math between its $ signs ({reason})") from error
    return label
