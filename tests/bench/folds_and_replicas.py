"""What many rows, folds and replicas cost: whole processes of the stages that read all predictions or all splits.

`combine` puts the predictions of the replicas of one fold side by side; `audit` reads all splits of all folds, with
events that are all different; `metrics` has as many rows in each of its three splits, and few resamplings.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from helpers import table_of
from snakeroot.data import tables
from snakeroot.data.files import to_json, write_json

SPLITS = ("train", "validation", "test")
CLASSES = ("background", "signal")


class Size(NamedTuple):
    """Rows of a table, events of the audit, folds, replicas, and resamplings of the metrics."""

    rows: int
    folds: int
    replicas: int
    resamplings: int


FULL = Size(rows=1_000_000, folds=5, replicas=3, resamplings=20)
SHORT = Size(rows=2100, folds=3, replicas=2, resamplings=5)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {"combine": combine(folder, size), "audit": audit(folder, size)}
        for replicas in (1, size.replicas):
            found[f"metrics of {replicas}"] = metrics(folder, size, replicas)
    return found


def seconds(module: str, settings: object, **files: list[Path]) -> float:
    """Run a stage; return how long it took."""
    words = ["-m", f"snakeroot.{module}", "--spec", to_json({"settings": settings})]
    for option, paths in files.items():
        words += [f"--{option.replace('_', '-')}", *map(str, paths)]
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - start


def rows(sample: str, first: int, count: int, scores: int = 0) -> pa.Table:
    """Return rows of a sample, with scores that tell the classes apart a little."""
    random, target = np.random.default_rng([first, count]), CLASSES.index(sample)
    columns = {f"score_{number}": random.beta(2 + target, 3 - target, count) for number in range(scores)}
    table = table_of(sample, target, random.uniform(0.5, 1.5, count), id_event=np.arange(first, first + count))
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return table


def both(first: int, count: int, scores: int = 0) -> pa.Table:
    """Return rows of both classes, half and half."""
    halves = [rows(name, first + place * count, count // 2, scores) for place, name in enumerate(CLASSES)]
    return pa.concat_tables(halves).unify_dictionaries()


def combine(folder: Path, size: Size) -> float:
    """Of the replicas of one fold."""
    files = [folder / f"replica{number}.parquet" for number in range(size.replicas)]
    table = both(0, size.rows, 1).rename_columns({"score_0": "score"})
    for path in files:
        tables.write([table], table.schema, path)
    return seconds("predict.combine", {"replicas": size.replicas}, predictions=files, combined=[folder / "c.parquet"])


def audit(folder: Path, size: Size) -> float:
    """Of all folds: part f of the events is tested in fold f, the next one validates, all others train."""
    part = size.rows // size.folds
    files: dict[str, list[Path]] = {split: [] for split in SPLITS}
    for fold in range(size.folds):
        places = [(fold + turn) % size.folds for turn in range(size.folds)]
        for split, chosen in zip(SPLITS, (places[2:], places[1:2], places[:1]), strict=True):
            table = pa.concat_tables([both(2 * part * place, part) for place in chosen]).unify_dictionaries()
            files[split].append(folder / f"{split}{fold}.parquet")
            tables.write([table], table.schema, files[split][-1])
    classes = {name: name for name in CLASSES}
    settings = {"folds": size.folds, "event_id": ["event"], "objects": False, "classes": classes}
    return seconds("split.audit", settings, **files, varied_train=[], varied_test=[], report=[folder / "audit.json"])


def metrics(folder: Path, size: Size, replicas: int) -> float:
    """Of one model."""
    table = both(0, size.rows, replicas).append_column("fold", pa.array(np.zeros(size.rows, np.int8)))
    scores = [table[f"score_{number}"].to_numpy() for number in range(replicas)]
    table = table.append_column("score", pa.array(np.mean(scores, axis=0)))
    files = [folder / f"{split}.parquet" for split in SPLITS]
    for path in files:
        tables.write([table], table.schema, path)
    metadata = [folder / f"model{number}.json" for number in range(replicas)]
    for path in metadata:
        write_json({"parameters": 5, "epochs": 3, "best_epoch": 2}, path)
    models = [{"name": "net", "networks": replicas}]
    settings = {"task": "bench", "models": models, "bootstrap": size.resamplings, "seed": 1}
    written = {"features": [], "scalings": [], "metrics": [folder / "metrics.json"]}
    return seconds("evaluate.metrics", settings, predictions=files, metadata=metadata, **written)
