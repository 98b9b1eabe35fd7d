"""The memory of a training whose rows are five times as large as its budget, beside one that has hardly any rows.

Whole processes of the shipped stage; memory is the largest resident set, and what the rows take is the difference.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import splits
from snakeroot.files import to_json

COLUMNS = 128
ROWS = {"train": 4_000_000, "validation": 200_000}
FEW = {"train": 2000, "validation": 2000}
TIMES_BUDGET = 5
WINDOW = 2**16
EPOCHS = 2


def measure() -> dict[str, float]:
    """Return the budget and what was taken of it, and the ratio budget / taken: above 1 where it is kept."""
    size = sum(ROWS.values()) * (COLUMNS + 2) * 4 / 1e9
    with tempfile.TemporaryDirectory() as folder:
        few = train(Path(folder) / "few", FEW, size / TIMES_BUDGET)
        many = train(Path(folder) / "many", ROWS, size / TIMES_BUDGET)
        held = train(Path(folder) / "many", ROWS, 10 * size)
    budget = size / TIMES_BUDGET
    return {
        "streaming_memory": budget / (many["GB"] - few["GB"]),
        "rows_GB": size,
        "budget_GB": budget,
        "streamed_GB": many["GB"] - few["GB"],
        "resident_GB": held["GB"] - few["GB"],
        "baseline_GB": few["GB"],
        "streamed_seconds": many["seconds"],
        "resident_seconds": held["seconds"],
    }


def train(folder: Path, rows: dict[str, int], budget: float) -> dict[str, float]:
    """Run the stage for two epochs."""
    folder.mkdir(exist_ok=True)
    training = {"max_epochs": EPOCHS, "batch_size": 1024, "shuffle_window": WINDOW, "memory_budget": budget}
    settings = {"kind": "binary", "classes": splits.SAMPLES, "inputs": [{"name": n} for n in splits.features(COLUMNS)]}
    settings |= {"architecture": "mlp", "settings": {}, "seed": 1}
    words = ["-m", "snakeroot.train", "--spec", to_json({"settings": {**settings, "training": training}})]
    for split, count in rows.items():
        files = [folder / f"{split}-{name}.parquet" for name in splits.SAMPLES]
        if not files[0].exists():
            splits.create(folder, split, count, COLUMNS)
        words += [f"--{split}", *map(str, files)]
    for name, path in splits.facts(folder, COLUMNS).items():
        words += [f"--{name}", str(path)]
    for name in ("weights", "facts", "history", "checkpoint", "provenance"):
        words += [f"--{name}", str(folder / name)]
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *words, "--tuned", "--begin", "--end", "--accelerator", "cpu", "--gpus", "0"],
        check=True,
        capture_output=True,
    )
    seconds = time.perf_counter() - start
    return {"GB": json.loads((folder / "provenance").read_text())["peak_memory_kB"] / 1e6, "seconds": seconds}
