"""`snakeroot compare`: two runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from snakemake_logger_plugin_snakeroot.text import say

OUTPUT = Path("comparison.html")


def compare(
    before: Annotated[str, typer.Argument(help="a snapshot; '.' for the present state; or a folder with results/")],
    after: Annotated[str, typer.Argument(help="likewise")] = ".",
    output: Annotated[Path, typer.Option("--output", "-o", help="the page to write")] = OUTPUT,
) -> None:
    """Write a page of two runs side by side: metrics with the significance of their differences, config, figures.

    Example: snakeroot compare baseline .
    """
    from snakeroot.snapshots.page import write
    from snakeroot.snapshots.state import find

    found = write(find(before), find(after), output)
    say(f"{output}: {before} and {after} compared")
    say(f"  {found['metrics']} metrics differ by two errors or more, {found['figures']} figures differ")
    say(f"  {found['config']} files of the config differ")
