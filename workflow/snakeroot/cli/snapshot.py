"""`snakeroot snapshot`: a finished run kept as it is, beside later ones."""

from __future__ import annotations

from typing import Annotated

import typer
from snakemake_logger_plugin_snakeroot.text import say

from snakeroot.cli.run import arguments


def snapshot(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="of the snapshot: snapshots/NAME")],
) -> None:
    """Keep the finished run as it is: results, records of its jobs and config, in snapshots/NAME.

    Files are hard links, so it takes next to no time and room, and later runs change nothing in it, as they make new
    files and write into none. On another file system they are copies. Words after NAME are Snakemake's, as those of
    `snakeroot run` are: all_tasks.

    Example: snakeroot snapshot baseline
    """
    from snakeroot.jobs.launch import alone
    from snakeroot.origins.workflow import planned
    from snakeroot.snapshots.keep import free, keep

    free(name)
    with alone():
        kept = keep(planned(arguments(context.args)), name)
    copies = f", {kept.copied} copies of {kept.size / 1e6:.1f} MB" if kept.copied else ""
    say(f"{kept.path}: {kept.linked} files linked{copies}")
    say(f"Next: change something, snakeroot run, snakeroot compare {name} .")
