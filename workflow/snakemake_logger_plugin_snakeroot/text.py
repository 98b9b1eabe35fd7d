"""Text on a terminal or in a pipe: tables of aligned columns, and nothing in it that a terminal would obey."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence


def shown(text: str) -> str:
    """Return a text whose signs can all be shown: what comes from files may hold commands to the terminal."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)


def say(text: str = "") -> None:
    """Print a line to standard output."""
    print(shown(text))  # noqa: T201


def tell(text: str) -> None:
    """Print a line beside the results, to standard error."""
    print(shown(text), file=sys.stderr)  # noqa: T201


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return lines of aligned columns; columns with nothing in them are left out."""
    every = [list(head), *map(list, rows)]
    used = [place for place in range(len(head)) if any(row[place] for row in every[1:])]
    widths = {place: max(len(row[place]) for row in every) for place in used}
    return ["  ".join(row[place].ljust(widths[place]) for place in used).rstrip() for row in every]
