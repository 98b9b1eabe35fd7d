"""Splits of any size on disk, as the split stage leaves them, made a part at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import write_json

CHUNK = 100_000
SAMPLES = ("background", "signal")


def create(folder: Path, split: str, rows: int, columns: int) -> list[Path]:
    """Write so many rows of two samples, in features x0, x1, … that separate them a little, and return the files."""
    paths = []
    for target, sample in enumerate(SAMPLES):
        paths.append(folder / f"{split}-{sample}.parquet")
        schema = next(_chunks(sample, target, 1, columns, 0)).schema
        tables.write(_chunks(sample, target, rows // 2, columns, len(split)), schema, paths[-1])
    return paths


def metadata(folder: Path, columns: int) -> dict[str, Path]:
    """Write factors and a scaling that change nothing, and return the files."""
    paths = {name: folder / f"{name}.json" for name in ("normalisation", "scaling")}
    write_json({"samples": {name: {"factor": 1.0} for name in SAMPLES}}, paths["normalisation"])
    write_json({name: {"mean": [0.0], "standard_deviation": [1.0]} for name in features(columns)}, paths["scaling"])
    return paths


def features(columns: int) -> list[str]:
    """Return their names."""
    return [f"x{number}" for number in range(columns)]


def _chunks(sample: str, target: int, rows: int, columns: int, seed: int) -> Iterator[pa.Table]:
    random = np.random.default_rng([seed, target])
    for first in range(0, rows, CHUNK):
        size = min(CHUNK, rows - first)
        x = {
            name: random.normal(target / (1 + number), 1, size).astype(np.float32)
            for number, name in enumerate(features(columns))
        }
        yield table_of(sample, target, random.uniform(0.5, 1.5, size), id_event=np.arange(first, first + size), **x)
