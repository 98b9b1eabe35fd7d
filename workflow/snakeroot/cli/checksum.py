"""`snakeroot checksum`: the checksums of ntuples, for the task file."""

from __future__ import annotations

from typing import Annotated

import typer
from snakemake_logger_plugin_snakeroot.text import say, tell

from snakeroot.cli.check import told
from snakeroot.errors import SnakerootError


def checksum(
    files: Annotated[list[str] | None, typer.Argument(help="files or URLs; by default all of the tasks")] = None,
    task: Annotated[list[str] | None, typer.Option(help="tasks; by default those in config/config.yaml")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="write them into the task files, whose comments and layout stay")
    ] = False,
) -> None:
    """Show the checksums (SHA-256) of files as they stand in a task file, or write them there.

    With its checksum in the task, a file that is damaged or was replaced is an error before anything is read of it. A
    file that has one there already is compared with it; the exit code is 1 if one differs.

    Example: snakeroot checksum --write
    """
    from snakeroot.survey import checksums

    if files and not task and not write:
        say(checksums.block({file: checksums.checksum(file) for file in files}).rstrip())
        return
    found = checksums.of_tasks(task or [], files or [], told)
    told("")
    for one in found:
        if one.same:
            tell(f"{one.path}: samples.{one.sample}: files as their checksums say: {one.same}")
        if one.missing and not write:
            say(f"# samples.{one.sample} in {one.path}")
            say(checksums.block(one.missing).rstrip())
    for line in checksums.insert(found) if write else ():
        say(line)
    if others := [line for one in found for line in one.others]:
        raise SnakerootError("\n".join(others))
