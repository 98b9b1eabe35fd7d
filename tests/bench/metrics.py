"""All numbers of a binary task with three models, of millions of test events: a whole process, and its memory.

Each model has rows of three splits, as many in each, with weights of both signs, and as many resamplings as a task has
by default. The models see the same events, one more sharply than the other.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from bench.applied import run
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import read_json, to_json, write_json

SPLITS = ("train", "validation", "test")
CLASSES = ("background", "signal")


class Size(NamedTuple):
    """Rows of each split, models, and resamplings."""

    rows: int
    models: int
    resamplings: int


FULL = Size(rows=5_000_000, models=3, resamplings=200)
SHORT = Size(rows=3000, models=2, resamplings=20)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds, peak memory [MB], and the errors of the best model's AUC and of its lead over the first one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [f"model{number}" for number in range(size.models)]
        files, metadata = [], []
        for number, model in enumerate(models):
            for split in SPLITS:
                files.append(f"{model}-{split}.parquet")
                write(folder / files[-1], split, number, size.rows)
            metadata.append(f"{model}.json")
            write_json({"parameters": 5, "epochs": 3, "best_epoch": 2}, folder / metadata[-1])
        settings = {"task": "bench", "models": [{"name": model, "networks": 1} for model in models], "yields": True}
        settings |= {"bootstrap": size.resamplings, "seed": 1, "background_uncertainty": 0.1}
        words = ["evaluate.metrics", "--spec", to_json({"settings": settings}), "--predictions", *files]
        words += ["--metadata", *metadata, "--features", "--scalings", "--metrics", "metrics.json"]
        seconds, memory = run(folder, words)
        found = read_json(folder / "metrics.json")
    test = found["models"][models[-1]]["test"]
    last = (one for one in found["comparisons"] if (one["model"], one["reference"]) == (models[-1], models[0]))
    difference = next(one for one in last if one["metric"] == "auc")
    return {
        "seconds": seconds,
        "peak_memory_MB": memory,
        "rows": size.rows,
        "models": size.models,
        "error of the AUC": (test["auc_high"] - test["auc_low"]) / 2,
        "error of the difference": (difference["high"] - difference["low"]) / 2,
    }


def write(path: Path, split: str, model: int, rows: int) -> None:
    """Write the predictions of a model, which differ from those of others by noise alone."""
    events, noise = np.random.default_rng(SPLITS.index(split)), np.random.default_rng([model, SPLITS.index(split)])
    parts = []
    for target, sample in enumerate(CLASSES):
        count = rows // 2
        weight = events.choice([1.0, 1.0, 1.0, -0.2], count) * events.uniform(0.5, 1.5, count)
        raw = events.normal(target, 0.7, count) + noise.normal(0, 0.4 - 0.05 * model, count)
        score = 1 / (1 + np.exp(0.5 - raw))
        table = table_of(sample, target, weight, id_event=np.arange(target * count, (target + 1) * count))
        for name, column in {"fold": np.zeros(count, np.int8), "score_0": score, "score": score}.items():
            table = table.append_column(name, pa.array(column))
        parts.append(table)
    whole = pa.concat_tables(parts).unify_dictionaries()
    tables.write([whole], whole.schema, path)
