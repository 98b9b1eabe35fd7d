"""A card as Markdown: whatever is in it shows as it is written, and does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from snakeroot.card.tables import Table

_MEANING = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")


def markdown(title: str, tables: Iterable[Table], command: str) -> str:
    """Return a page."""
    parts = [f"# {escaped(title)}"]
    for table in tables:
        parts.append(f"## {escaped(table.title)}")
        if table.text:
            parts.append(escaped(table.text))
        if table.rows:
            parts.append(_table(table.head or [""] * len(table.rows[0]), table.rows))
    parts += ["## How to apply it", "It scores every entry of any ntuple, by itself:", f"```sh\n{command}\n```"]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text in which nothing means anything to Markdown, nor to the HTML in it."""
    return _MEANING.sub(r"\\\1", " ".join(text.split()))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell if line is lines[1] else escaped(cell) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
