"""The way back: exporting a model, scoring an ntuple with it, and friends, beside the prediction stage.

All are whole processes on one core, imports included: `apply` reads an ntuple of a million entries, computes the
features, scores them by a dense network of 64-64 units and writes every entry; `predict` reads features that are there
already, and writes the rows. Friends are written from these predictions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import exports
import projects
from helpers import run_features
from snakeroot.data import tables
from snakeroot.data.files import to_json, write_json
from snakeroot.friends.settings import FriendsSettings, Part
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings


class Size(NamedTuple):
    """How much is measured."""

    entries: int
    rounds: int


FULL = Size(entries=1_000_000, rounds=3)
SHORT = Size(entries=2000, rounds=1)

FEATURES = {"x": "x", "y": "y", "z": "z", "sum": "x + y"}


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds and peak memory [MB] of each, and the ratios of predict to apply, and to friends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        projects.ntuple(folder / "a.root", signal=True, events=size.entries)
        more = {"features": FEATURES, "chunk": 100_000}
        start = time.perf_counter()
        [model], settings = exports.exported(folder, folder / "a.root", hidden=[64, 64], **more)
        export = time.perf_counter() - start
        table, _ = run_features(folder / "a.root", **more)
        tables.write([table], table.schema, folder / "features.parquet")
        write_json({"samples": {"signal": {"factor": 1.0}}}, folder / "n.json")
        commands = {
            "predict": ["predict", *_predict(settings.event_id)],
            "combine": ["predict.combine", *_combine()],
            "apply": ["apply", str(model), "a.root", "scores.root"],
            "friends": ["friends", *_friends(settings)],
        }
        seconds: dict[str, list[float]] = {key: [] for key in commands}
        memory = dict.fromkeys(commands, 0.0)
        for _ in range(size.rounds):
            for key, words in commands.items():
                took, peak = run(folder, words)
                seconds[key].append(took)
                memory[key] = max(memory[key], peak)
    least = {key: min(values) for key, values in seconds.items()}
    return {
        "predict_vs_apply": least["predict"] / least["apply"],
        "predict_vs_friends": least["predict"] / least["friends"],
        "seconds_export": export,
        **{f"seconds_{key}": value for key, value in least.items()},
        **{f"peak_memory_MB_{key}": value for key, value in memory.items()},
        "entries": size.entries,
    }


def _predict(event_id: list[str]) -> list[str]:
    settings = PredictSettings(kind="binary", classes=["background", "signal"], event_id=event_id)
    files = ["--train", "--validation", "--test", "features.parquet", "--unlabelled", "--normalisation", "n.json"]
    files += ["--weights", "0.safetensors", "--metadata", "0.json", "--calibration"]
    files += ["--predictions", "network.parquet"]
    return [*_spec(settings), *files, "--accelerator", "cpu", "--gpus", "0"]


def _combine() -> list[str]:
    return [*_spec(CombineSettings(replicas=1)), "--predictions", "network.parquet", "--combined", "test.parquet"]


def _friends(settings: object) -> list[str]:
    known = FriendsSettings(
        model="net",
        features=settings,
        parts=[Part(part="part")],
        splits=["test"],
        format="TTree",  # type: ignore[arg-type]
    )
    return [*_spec(known), "--ntuples", "a.root", "--predictions", "test.parquet", "--folder", "friends"]


def _spec(settings: object) -> list[str]:
    return ["--spec", to_json({"settings": settings.model_dump(mode="json")})]  # type: ignore[attr-defined]


WATCHED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""
"""A process in between: what a large one starts counts as being as large, at its begin."""


def run(folder: Path, words: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak memory [MB] of a command of one thread."""
    command = [sys.executable, "-m", f"snakeroot.{words[0]}", *words[1:]]
    one = {**os.environ, "OMP_NUM_THREADS": "1"}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command], cwd=folder, env=one, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - start, int(done.stdout) / 1000
