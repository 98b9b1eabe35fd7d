"""The memory of a training whose rows are five times as large as its budget, beside one that has hardly any rows.

Whole processes of the shipped stage; memory is the largest resident set, and what the rows take is the difference.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import splits
from snakeroot.data.files import read_json, to_json


class Size(NamedTuple):
    """How much is measured: the rows take so many times the budget."""

    rows: dict[str, int]
    columns: int
    window: int
    times: float


FULL = Size({"train": 4_000_000, "validation": 200_000}, columns=128, window=2**16, times=5)
SHORT = Size({"train": 4000, "validation": 2000}, columns=4, window=1024, times=1e-3)  # too few rows to be streamed
FEW = {"train": 2000, "validation": 2000}
EPOCHS = 2

NOTHING = ("--reweighting", "--tuned", "--mixed", "--mixed-normalisations", "--initial", "--begin", "--end")
"""What this training does without."""


def measure(size: Size = FULL) -> dict[str, float]:
    """Return the budget and what was taken of it, and the ratio budget / taken: above 1 where it is kept."""
    rows = sum(size.rows.values()) * (size.columns + 2) * 4 / 1e9
    budget = rows / size.times
    with tempfile.TemporaryDirectory() as folder:
        few = train(Path(folder) / "few", FEW, size.columns, size.window, budget)
        many = train(Path(folder) / "many", *size[:3], budget)
        held = train(Path(folder) / "many", *size[:3], 1 + 10 * rows)
    taken = many["GB"] - few["GB"]
    return {
        "streaming_memory": budget / taken if taken > 0 else float("inf"),
        "rows_GB": rows,
        "budget_GB": budget,
        "streamed_GB": taken,
        "resident_GB": held["GB"] - few["GB"],
        "baseline_GB": few["GB"],
        "streamed_seconds": many["seconds"],
        "resident_seconds": held["seconds"],
    }


def train(folder: Path, rows: dict[str, int], columns: int, window: int, budget: float) -> dict[str, float]:
    """Run the stage for two epochs."""
    folder.mkdir(exist_ok=True)
    training = {"max_epochs": EPOCHS, "batch_size": 1024, "shuffle_window": window, "memory_budget": budget}
    settings = {"kind": "binary", "classes": splits.SAMPLES, "inputs": [{"name": n} for n in splits.features(columns)]}
    settings |= {"architecture": "mlp", "settings": {}, "seed": 1}
    words = ["-m", "snakeroot.train", "--spec", to_json({"settings": {**settings, "training": training}})]
    for split, count in rows.items():
        files = [folder / f"{split}-{name}.parquet" for name in splits.SAMPLES]
        if not files[0].exists():
            splits.create(folder, split, count, columns)
        words += [f"--{split}", *map(str, files)]
    for name, path in splits.metadata(folder, columns).items():
        words += [f"--{name}", str(path)]
    for name in ("weights", "metadata", "history", "checkpoint", "provenance"):
        words += [f"--{name}", str(folder / name)]
    start = time.perf_counter()
    subprocess.run(
        [
            sys.executable,
            *words,
            *NOTHING,
            "--accelerator",
            "cpu",
            "--gpus",
            "0",
            *("--nodes", "1", "--node-gpus", "0"),
        ],
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - start
    return {"GB": read_json(folder / "provenance")["peak_memory_kB"] / 1e6, "seconds": seconds}
