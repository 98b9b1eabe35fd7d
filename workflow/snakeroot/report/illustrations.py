"""Figures as the page shows them: those of one kind together below one caption, each with what lies beside it."""

from __future__ import annotations

import base64
import itertools
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.report.settings import FigureEntry

WIDE = 600
"""Width [pt] from which on a figure needs the whole page: text is as large in all, so this one has several panels."""

_SIZE = re.compile(rb'<svg[^>]*\bviewBox="[-\d.e]+ [-\d.e]+ ([\d.e]+) ([\d.e]+)"')


@dataclass(frozen=True)
class Illustration:
    """One figure.

    Attributes:
        name: what tells it from the others of its kind; the heading of these if it is the only one.
        title: what it is called alone.
        image: the SVG in base64.
        width, height: as the SVG says [pt].
        links: from the page to the files beside it, by what they are.
        path: of the SVG, as `snakeroot explain` takes it.
    """

    name: str
    title: str
    image: str
    width: int
    height: int
    links: dict[str, str]
    path: str

    @property
    def wide(self) -> bool:
        """Whether it is too wide for a column."""
        return self.width > WIDE


@dataclass(frozen=True)
class Group:
    """Figures of one kind, in their order: what is said of them all is said once."""

    kind: str
    title: str
    caption: Markup
    figures: list[Illustration]


def grouped(
    entries: Sequence[FigureEntry], images: Iterator[Path], captions: Mapping[str, Markup], page: Path
) -> list[Group]:
    """Return the figures by kind; takes as many images as there are entries."""
    groups = []
    for (kind, title), of_kind in itertools.groupby(entries, key=lambda entry: (entry.kind, entry.title)):
        figures = [illustrate(entry, next(images), page) for entry in of_kind]
        groups.append(Group(kind, title, captions[kind], figures))
    return groups


def illustrate(entry: FigureEntry, svg: Path, page: Path) -> Illustration:
    """Return a figure, with links from a page."""
    title = f"{entry.title}: {entry.subject}" if entry.subject else entry.title
    content = svg.read_bytes()
    width, height = size(content, svg)
    image = base64.b64encode(content).decode("ascii")
    return Illustration(entry.subject or entry.title, title, image, width, height, beside(svg, page), str(svg))


def beside(svg: Path, page: Path) -> dict[str, str]:
    """Return links from a page in results/ to the files of a figure, and to the record of the job that drew it."""
    path = Path(os.path.relpath(svg, page.parent)).as_posix()
    files = paths.beside(path)
    record = f"../{paths.provenance(f'{Path(paths.REPORT).parent}/{path}')}"
    return {"svg": path, "numbers (CSV)": files["csv"], "PDF": files["pdf"], "PNG": files["png"], "record": record}


def size(content: bytes, svg: Path) -> tuple[int, int]:
    """Return width and height of an SVG.

    Raises:
        SnakerootError: if it does not say.
    """
    found = _SIZE.search(content)
    if not found:
        raise SnakerootError(f"{svg}: it has no viewBox, so it is no figure of ours: delete it and run again")
    return round(float(found[1])), round(float(found[2]))
