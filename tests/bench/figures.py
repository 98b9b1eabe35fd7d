"""The figure of an input, of few rows and of millions: CPU seconds and memory of whole processes, imports included.

The range is that of the numbers, which costs more than one that is given: they are gone through three times.
"""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from bench.applied import run
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import to_json, write_json

SAMPLES = ("background", "signal")


class Size(NamedTuple):
    """Rows of a file, of which each sample has several; rounds, of which the fastest counts."""

    rows: int
    files: int
    rounds: int


FULL = Size(rows=500_000, files=10, rounds=3)
SHORT = Size(rows=1000, files=2, rounds=1)
FEW = 1000


def measure(size: Size = FULL) -> dict[str, float]:
    """Return what the figure takes of few rows, and how much more of many."""
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name) / "few", Path(name) / "many"
        write(few, FEW, 1)
        write(many, size.rows, size.files)
        taken = {folder: [draw(folder) for _ in range(size.rounds)] for folder in (few, many)}
    seconds, memory = ({folder: min(one[part] for one in runs) for folder, runs in taken.items()} for part in (0, 1))
    millions = len(SAMPLES) * size.rows * size.files / 1e6
    return {
        "CPU seconds": seconds[few],
        "memory [MB]": memory[few],
        "CPU seconds of a million rows": (seconds[many] - seconds[few]) / millions,
        "memory of all rows [MB]": memory[many] - memory[few],
        "million rows": millions,
    }


def write(folder: Path, rows: int, files: int) -> None:
    """Write features of so many files of each sample."""
    folder.mkdir()
    for place, sample in enumerate(SAMPLES):
        for number in range(files):
            random = np.random.default_rng([place, number])
            weight = random.choice([1.0, 1.0, -0.2], rows)
            table = table_of(sample, place, weight, id_event=np.arange(rows) + number * rows)
            mass = random.normal(125.0, 15.0, rows).astype(np.float32)
            table = table.append_column("mass", pa.array(mass))
            tables.write([table], table.schema, folder / f"{sample}{number}.parquet")
    write_json({"samples": {sample: {"factor": 1.0} for sample in SAMPLES}}, folder / "normalisation.json")


def draw(folder: Path) -> tuple[float, float]:
    """Draw the figure; return CPU seconds and the peak memory [MB]."""
    samples = [{"name": name, "label": name, "class_name": name} for name in SAMPLES]
    settings = {"feature": "mass", "axis": {}, "samples": samples, "luminosity": 140.0, "energy": 13.0}
    features = sorted(path.name for path in folder.glob("*.parquet"))
    words = ["evaluate", "input", "--spec", to_json({"settings": settings}), "--features", *features]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, memory = run(folder, [*words, "--normalisation", "normalisation.json", "--figure", "mass.svg"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, memory
