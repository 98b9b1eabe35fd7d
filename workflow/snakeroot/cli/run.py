"""`snakeroot run`: the workflow."""

from __future__ import annotations

import typer
from typer.core import TyperCommand


class PassedOn(TyperCommand):
    """A command whose words are Snakemake's."""


def run(context: typer.Context) -> None:
    """Run the workflow: all tasks in config/config.yaml, or the targets that are named. Options are Snakemake's."""
    from snakeroot.jobs.launch import launch

    raise typer.Exit(launch(context.args))
