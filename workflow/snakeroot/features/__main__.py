"""`python -m snakeroot.features`: one ntuple to one Parquet file and its cut flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from snakeroot.features.settings import FeaturesSettings
from snakeroot.jobs.command import main
from snakeroot.jobs.imports import kept


def features(
    settings: FeaturesSettings,
    ntuple: Annotated[list[Path], "file to read, of a kind in features/readers; none if the spec says its URL"],
    metadata: Annotated[list[Path], "JSON beside a generated ntuple: events generated and cross-section"],
    table: Annotated[Path, "Parquet file to write"],
    cut_flow: Annotated[Path, "JSON file to write: what became of every entry"],
    threads: Annotated[int, "CPU threads; with two, reading and writing overlap with computing"] = 1,
) -> dict[str, Any]:
    """Compute the features of one ntuple, entry by entry, in bounded memory."""
    with kept():  # and while a thread computes the digests of the inputs
        from snakeroot.features.make import make  # noqa: PLC0415

    return make([settings], ntuple, metadata, [table], [cut_flow], threads)


if __name__ == "__main__":
    main(features)
