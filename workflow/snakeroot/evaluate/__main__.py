"""`python -m snakeroot.evaluate <figure>`: draw a figure; without one, which there are."""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint
from snakeroot.evaluate.catalogue import Figure, figures
from snakeroot.evaluate.reads import READS
from snakeroot.jobs.command import Command, Facts, run


def command(figure: Figure) -> Command:
    """Return the command that draws a figure."""
    files = {name: _option(name) for name in figure.reads}
    files["figure"] = Annotated[Path, "the figure to be written (.svg; .png, .pdf and .csv beside it)"]
    text = inspect.getdoc(figure.module.draw) or ""

    def make(settings: Any, *, figure: Path, **given: Path | list[Path]) -> Facts:
        drawn.draw(settings, {name: one if isinstance(one, list) else [one] for name, one in given.items()}, figure)
        return {"beside": list(paths.beside(str(figure)).values())}

    drawn = figure
    return Command(f"snakeroot.evaluate {figure.name}", text, figure.settings, files, make)


def _option(name: str) -> Any:
    read = READS[name]
    return Annotated[list[Path] if read.several else Path, read.help]


def main(arguments: Sequence[str]) -> None:
    """Draw the figure that is named first."""
    known = figures()
    lines = [f"{name:20} {(inspect.getdoc(figure.module) or '').splitlines()[0]}" for name, figure in known.items()]
    parser = argparse.ArgumentParser(
        prog="python -m snakeroot.evaluate",
        description="Draw one figure:\n\n  " + "\n  ".join(lines),
        epilog="Its options: name it, and --help. In numbers: python -m snakeroot.evaluate.metrics",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("figure", help="which")
    name = parser.parse_args(arguments[:1]).figure
    if name not in known:
        sys.exit(f"error: {SnakerootError(f'there is no figure {name!r}: {hint(name, sorted(known))}')}")
    run(command(known[name]), arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
