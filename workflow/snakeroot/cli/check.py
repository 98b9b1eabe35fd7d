"""`snakeroot check`: all that is wrong with tasks, before a run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from snakemake_logger_plugin_snakeroot.text import say, shown, tell


def check(
    tasks: Annotated[list[str] | None, typer.Argument(help="tasks; by default those in config/config.yaml")] = None,
    local: Annotated[bool, typer.Option("--local", help="leave out remote files, which are copied first")] = False,
) -> None:
    """Read the config, open the first entries of every file, compute every expression, and list all mistakes.

    It reads up to 10,000 entries of each file. The exit code is 1 with mistakes, and 0 with warnings alone.

    Example: snakeroot check mine
    """
    from snakeroot.survey import check as survey

    found = survey.check(tasks or [], remotely=not local, told=told)
    told("")
    for line in found.notes:
        tell(f"note: {line}")
    for line in found.warnings:
        tell(f"warning: {line}")
    for line in found.mistakes:
        tell(f"error: {line}")
    mistakes, warnings = len(found.mistakes), len(found.warnings)
    say(f"{mistakes} mistake{'s' * (mistakes != 1)}, {warnings} warning{'s' * (warnings != 1)}")
    if mistakes:
        raise typer.Exit(1)


def told(file: str) -> None:
    """Show on a terminal which file is looked at; the next takes its place."""
    if sys.stderr.isatty():
        line = shown(file)[:100]
        sys.stderr.write(f"\r\033[K{line}")
        sys.stderr.flush()
