"""`python -m snakeroot.features`: one ntuple to one Parquet file and its cut flow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from snakeroot.features.make import make
from snakeroot.features.settings import FeaturesSettings
from snakeroot.jobs.command import main


def features(
    settings: FeaturesSettings,
    ntuple: Annotated[list[Path], "file to read, of a kind in features/readers; none if the spec says its URL"],
    metadata: Annotated[list[Path], "JSON beside a generated ntuple: events generated and cross-section"],
    table: Annotated[Path, "Parquet file to write"],
    cut_flow: Annotated[Path, "JSON file to write: what became of every entry"],
) -> dict[str, Any]:
    """Compute the features of one ntuple, entry by entry, in bounded memory."""
    return make([settings], ntuple, metadata, [table], [cut_flow])


if __name__ == "__main__":
    main(features)
