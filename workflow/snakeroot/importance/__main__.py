"""`python -m snakeroot.importance`: how much a model depends on each of its inputs, as JSON."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

from snakeroot.apply.model import load_all
from snakeroot.data.files import finite, write_json
from snakeroot.importance.kinds import KINDS
from snakeroot.importance.occlude import occlusions
from snakeroot.importance.permute import importances
from snakeroot.importance.rows import read
from snakeroot.importance.settings import ImportanceSettings
from snakeroot.jobs.command import main


def importance(
    settings: ImportanceSettings,
    models: Annotated[list[Path], "ONNX files of all folds of the model"],
    rows: Annotated[list[Path], "Parquet files of the test split, fold by fold"],
    normalisation: Annotated[Path, "factor from weight to yield of each sample (JSON)"],
    importances_file: Annotated[Path, "JSON file to write"],
) -> None:
    """Permute each input among rows of the test split, several times, and measure how much worse the model gets.

    Of sequences and images also take away each object, and each patch, and see what that does to the predictions.
    With folds, a row is predicted by the networks that have not seen it. One thread computes all.
    """
    opened = load_all(models, threads=1)
    chosen = read(opened, rows, normalisation, settings.group, settings.rows, settings.seed)
    found = importances(chosen, KINDS.load(settings.kind), settings.repeats, settings.seed)
    first = found["decides"]
    for name, falls in found["inputs"].items():
        logging.info("%s: %s falls by %.3g ± %.2g", name, first, falls[first]["mean"], falls[first]["error"])
    taken_away = occlusions(chosen, settings.occluded, settings.seed)
    known = {"rows": len(chosen.target), "repeats": settings.repeats, **found, "occlusion": taken_away}
    write_json(finite(known), importances_file)


if __name__ == "__main__":
    main(importance)
