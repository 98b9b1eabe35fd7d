"""`python -m snakeroot.generate`: one part of a Monte Carlo sample, as a ROOT ntuple and its metadata in JSON."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import uproot

from snakeroot.data.files import atomic, write_json
from snakeroot.generate.settings import GenerateSettings
from snakeroot.jobs.command import main

log = logging.getLogger(__name__)


def generate(
    settings: GenerateSettings,
    ntuple: Annotated[Path, "ROOT file to write"],
    metadata: Annotated[Path, "JSON file to write: events generated and accepted, cross-section (pb)"],
) -> None:
    """Generate events with Pythia 8, smear them, and write those that the process's reconstruction selects.

    The weight of an event is the generator's; cross-section and number of generated events are kept beside the ntuple,
    so that parts can be added and normalised later. Branches are in GeV and radians, -999 where undefined. A list of
    records `thing` is the branches `thing_<field>`, and `things`, how many there are.
    """
    # Only from inside a stage can the error of a missing generator be told well.
    from snakeroot.generate.production import produce  # noqa: PLC0415

    tree, columns, numbers = produce(settings)
    with atomic(ntuple, metadata) as [ntuple_part, metadata_part]:
        with uproot.recreate(ntuple_part) as file:
            types = {name: column.type.content for name, column in columns.items()}
            file.mktree(tree, types, counter_name=lambda counted: f"{counted}s").extend(columns)
        write_json(numbers, metadata_part)
    log.info(
        "%s: %d of %d events accepted, cross-section (%.4g ± %.1g) pb, written to %s",
        settings.process,
        numbers["accepted"],
        numbers["generated"],
        numbers["cross_section_pb"],
        numbers["cross_section_error_pb"],
        ntuple,
    )


if __name__ == "__main__":
    main(generate)
