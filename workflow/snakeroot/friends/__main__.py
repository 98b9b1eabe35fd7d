"""`python -m snakeroot.friends`: friends of a sample's ntuples, with a model's scores of every entry."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from snakeroot.apply import output
from snakeroot.apply.entries import identities, named, objects, placed
from snakeroot.data.files import atomic_folder, write_json
from snakeroot.errors import SnakerootError
from snakeroot.features.ntuple import digest
from snakeroot.features.readers import READERS, kind
from snakeroot.features.stream import entries, local
from snakeroot.friends.content import Content, of_file
from snakeroot.friends.predictions import SPLIT, of_part
from snakeroot.friends.settings import SPLITS, FriendsSettings, Part
from snakeroot.jobs.command import main

MANIFEST = "manifest.json"

CHUNK = 2**18
"""Entries in memory at once."""


def friends(
    settings: FriendsSettings,
    ntuples: Annotated[list[Path], "the ntuples that are files here, in the order of the parts"],
    predictions: Annotated[list[Path], "Parquet files of the model's predictions, in the order of the splits"],
    folder: Annotated[Path, "folder to write: a ROOT file for each part, and what is in them"],
) -> None:
    """Write for each ntuple a tree with as many entries, in the same order, and read it back."""
    files = iter(ntuples)
    with atomic_folder(folder) as part_folder:
        manifest = {}
        for part in settings.parts:
            own = [] if part.url else [next(files)]
            with local(part.url, own) as (path, _):
                written = _written(settings, part, path, predictions, part_folder / f"{part.part}.root")
            manifest[part.part] = {"ntuple": part.url or str(own[0]), **written}
            logging.info("%s: %d of %d rows are scored", part.url or path, written["scored"], written["rows"])
        known = {"model": settings.model, "sample": settings.features.sample, "parts": manifest}
        write_json(known, part_folder / MANIFEST)


def _written(
    settings: FriendsSettings, part: Part, ntuple: Path, predictions: list[Path], path: Path
) -> dict[str, Any]:
    """Write one friend, read it back, and return what is in it."""
    known = settings.features
    read = known.model_copy(update={"part": part.part, "checksum": part.checksum})
    files = {SPLITS.index(split): file for split, file in zip(settings.splits, predictions, strict=True)}
    rows, split = of_part(files, known.sample, part.part)
    tree, content, counts = output.tree_name(known.tree), Content(), {"rows": 0, "scored": 0}
    with (
        output.written(path, tree, settings.format) as write,
        entries(read, ntuple, READERS.load(kind(part.url or ntuple)), CHUNK) as chunks,
    ):
        for branches, plan in chunks:
            start, number = content.entries, len(next(iter(branches.values())))
            sizes = objects(branches, plan)
            own = slice(*np.searchsorted(rows.entry, [start, start + number]))
            columns = placed(rows.part(own), start, number, sizes, {SPLIT: split[own]})
            friend = identities(known.event_id, branches, start) | named(settings.model, columns, known.rows)
            write(friend)
            content.add(friend)
            counts["rows"] += number if sizes is None else int(sizes.sum())
            counts["scored"] += len(rows.entry[own])
    if counts["scored"] != len(rows.entry):
        raise SnakerootError(
            f"{ntuple}: predictions are of entries that it does not have: it is another file than the one that was "
            "scored; run again"
        )
    there = of_file(path, tree, content.names)
    if there.hexdigest() != content.hexdigest():
        raise SnakerootError(f"{path}: what was read back is not what was written: is the disk sound? Run again")
    return {"entries": content.entries, **counts, "checksum": digest(ntuple, "sha256"), "content": content.hexdigest()}


if __name__ == "__main__":
    main(friends)
