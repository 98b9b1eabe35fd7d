"""`python -m snakeroot.features.together`: one ntuple, read once, to the tables and cut flows of several samples."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from snakeroot.features.settings import Together
from snakeroot.jobs.command import main
from snakeroot.jobs.imports import kept


def together(
    settings: Together,
    ntuple: Annotated[list[Path], "file to read, of a kind in features/readers; none if the spec says its URL"],
    tables: Annotated[list[Path], "Parquet files to write, in the order of the samples"],
    cut_flows: Annotated[list[Path], "JSON files to write: what became of every entry, in the same order"],
    threads: Annotated[int, "CPU threads; with two, reading and writing overlap with computing"] = 1,
) -> dict[str, Any]:
    """Compute the features of several samples that are parts of one ntuple, entry by entry, in bounded memory."""
    with kept():  # and while a thread computes the digests of the inputs
        from snakeroot.features.make import make  # noqa: PLC0415

    return make(settings.samples, ntuple, [], tables, cut_flows, threads)


if __name__ == "__main__":
    main(together)
