"""`snakeroot crate`: a finished run as an archive that says what made each file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from snakemake_logger_plugin_snakeroot.text import say, tell

from snakeroot.cli.run import arguments

OUTPUT = Path("crate.zip")


def crate(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="the archive to write")] = OUTPUT,
    title: Annotated[str, typer.Option(help="by default the names of the tasks")] = "",
    license_name: Annotated[
        str, typer.Option("--license", help="of data and results: an SPDX name as CC-BY-4.0, or a URL")
    ] = "",
    author: Annotated[
        list[str] | None, typer.Option(help="'Name' or 'Name https://orcid.org/…'; several, each with --author")
    ] = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="pack tables of rows and generated ntuples too, which grow with the events")
    ] = False,
) -> None:
    """Pack a finished run for Zenodo or WorkflowHub: an RO-Crate, with what made each file.

    The archive has the code, the config, the results, and ro-crate-metadata.json, by the profile Provenance Run Crate:
    each job with its settings, its times, and the checksums of what it read and wrote. Your ntuples are described by
    their checksums and not packed. Further words are Snakemake's, as those of `snakeroot run` are.

    Example: snakeroot crate --license CC-BY-4.0 --author 'Ada Lovelace'
    """
    from snakeroot.origins import crate as crates
    from snakeroot.origins import payload
    from snakeroot.origins.entities import METADATA
    from snakeroot.origins.workflow import planned

    asked = crates.Asked(title, license_name, author or [], rows)
    made = crates.crate(planned(arguments(context.args)), asked)
    payload.write(output, made.files, {METADATA: made.text()})
    size = output.stat().st_size / 1e6
    say(f"{output}: {size:.1f} MB, {len(made.files)} files packed, {len(made.described)} described alone")
    if not license_name:
        tell(
            "note: no license is stated, which means all rights reserved: --license CC-BY-4.0 lets others use the data"
        )
    if not author:
        tell("note: no author is stated: --author 'Name https://orcid.org/…'")
