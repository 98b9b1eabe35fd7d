"""The features stage against the few lines that one would write by hand with uproot and pandas.

Both are whole processes, imports included, on one flat ntuple of two million entries, taken in turns; the hand-written
lines know no cut flow, no policies, no identity and no bounded memory.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import projects
from helpers import features_settings
from snakeroot.data.files import read_json, to_json


class Size(NamedTuple):
    """How much is measured."""

    entries: int
    rounds: int


FULL = Size(entries=2_000_000, rounds=3)
SHORT = Size(entries=2000, rounds=1)

BY_HAND = """
import sys, uproot
tree = uproot.open(sys.argv[1])["events"]
frame = tree.arrays(["run", "event", "weight", "x", "y", "z"], library="pd")
frame = frame[(frame.x > 0) & (frame.y < 2)]
frame["sum"] = frame.x + frame.y
frame.to_parquet(sys.argv[2])
"""


def measure(size: Size = FULL) -> dict[str, float]:
    """Return median seconds of both with the ratio by hand / ours, and whether the memory grows with the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        projects.ntuple(folder / "big.root", signal=True, events=size.entries)
        projects.ntuple(folder / "quarter.root", signal=True, events=size.entries // 4)
        settings = features_settings(
            weight="weight",
            selection="(x > 0) & (y < 2)",
            features={"x": "x", "y": "y", "z": "z", "sum": "x + y"},
            chunk=100_000,
        )
        spec = to_json({"settings": settings.model_dump(mode="json")})

        def stage(name: str) -> list[str]:
            words = ["-m", "snakeroot.features", "--spec", spec, "--ntuple", f"{name}.root", "--metadata"]
            words += ["--table", f"{name}.parquet", "--cut-flow", f"{name}.json"]
            return [*words, "--provenance", f"{name}-provenance.json"]

        by_hand = ["-c", BY_HAND, "big.root", "by-hand.parquet"]
        times: dict[str, list[float]] = {"ours": [], "by_hand": []}
        for _ in range(size.rounds):
            for key, arguments in (("ours", stage("big")), ("by_hand", by_hand)):
                start = time.perf_counter()
                subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
                times[key].append(time.perf_counter() - start)
        subprocess.run([sys.executable, *stage("quarter")], cwd=folder, check=True, capture_output=True)
        memory = {
            name: read_json(folder / f"{name}-provenance.json")["peak_memory_kB"] / 1000 for name in ("big", "quarter")
        }
    seconds = {key: statistics.median(values) for key, values in times.items()}
    return {
        "features_vs_uproot": seconds["by_hand"] / seconds["ours"],
        "memory_of_a_quarter_vs_all": memory["quarter"] / memory["big"],
        "seconds_ours": seconds["ours"],
        "seconds_by_hand": seconds["by_hand"],
        "entries": size.entries,
        "peak_memory_MB": memory["big"],
    }
