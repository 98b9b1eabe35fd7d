"""The features stage against the loops that one would write by hand with uproot, on one core, and on two.

All are whole processes, imports included, on one flat ntuple of 62 columns, of which 12 are read, taken in turns. By
hand: all entries at once to pandas, or 500,000 at a time (`uproot.iterate`) to pyarrow, each written as its library
does by default. They know no cut flow, no policies, no identity, and no digests: ours also reads the whole file once
more for its SHA-256, as the workflow has it do.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import projects
from bench._processes import Cost, run
from helpers import features_settings
from snakeroot.data.files import to_json


class Size(NamedTuple):
    """How much is measured."""

    entries: int
    rounds: int


FULL = Size(entries=4_000_000, rounds=5)
SHORT = Size(entries=2000, rounds=1)

FURTHER = 56
"""Columns beside run, event, weight, x, y and z."""
READ = [f"f{number}" for number in range(6)]
"""Those of them that are read."""

BY_HAND = f"""
import sys, uproot
names = ["run", "event", "weight", "x", "y", "z", *{READ}]
"""
PANDAS = f"""{BY_HAND}
frame = uproot.open(sys.argv[1])["events"].arrays(names, library="pd")
frame = frame[(frame.x > 0) & (frame.y < 2)]
frame["sum"] = frame.x + frame.y
frame.to_parquet(sys.argv[2])
"""
ITERATE = f"""{BY_HAND}
import pyarrow as pa, pyarrow.parquet as pq
writer = None
for chunk in uproot.open(sys.argv[1])["events"].iterate(names, library="np", step_size=500_000):
    passed = (chunk["x"] > 0) & (chunk["y"] < 2)
    chunk = {{name: values[passed] for name, values in chunk.items()}}
    table = pa.table(chunk | {{"sum": chunk["x"] + chunk["y"]}})
    writer = writer or pq.ParquetWriter(sys.argv[2], table.schema)
    writer.write_table(table)
writer.close()
"""


def measure(size: Size = FULL) -> dict[str, float]:
    """Return medians over rounds. Ratios are by hand / ours on one core, and ours on one core / on two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for ntuple, entries in (("big", size.entries), ("quarter", size.entries // 4)):
            write(folder / f"{ntuple}.root", entries)
        runs = {
            "ours": (stage(folder, "big", 1), 1),
            "pandas": (["-c", PANDAS, "big.root", "pandas.parquet"], 1),
            "iterate": (["-c", ITERATE, "big.root", "iterate.parquet"], 1),
            "ours_without_digests": (stage(folder, "big", 1, provenance=False), 1),
            "ours_on_two_cores": (stage(folder, "big", 2), 2),
        }
        costs: dict[str, list[Cost]] = {key: [] for key in runs}
        for _ in range(size.rounds):
            for key, (arguments, cores) in runs.items():
                costs[key].append(run([sys.executable, *arguments], folder, cores))
        quarter = run([sys.executable, *stage(folder, "quarter", 1)], folder, 1)
    median = {key: Cost(*map(statistics.median, zip(*of, strict=True))) for key, of in costs.items()}
    ours = median["ours"]
    ratios = {f"{key}_vs_ours": median[key].seconds / ours.seconds for key in ("pandas", "iterate")}
    ratios |= {f"{key}_vs_ours_cpu": median[key].cpu_seconds / ours.cpu_seconds for key in ("pandas", "iterate")}
    return {
        "features_vs_uproot": min(ratios["pandas_vs_ours"], ratios["iterate_vs_ours"]),
        **ratios,
        "one_core_vs_two": ours.seconds / median["ours_on_two_cores"].seconds,
        "memory_of_a_quarter_vs_all": quarter.peak_memory_MB / ours.peak_memory_MB,
        "entries": size.entries,
        **{f"{of}_{key}": getattr(cost, of) for key, cost in median.items() for of in Cost._fields},
    }


def write(path: Path, entries: int) -> None:
    """Write a flat ntuple of 62 columns; half of the further ones are momenta, half are like angles."""
    rng = np.random.default_rng(entries)
    further = {
        f"f{number}": (rng.exponential(30, entries) if number % 2 else rng.normal(0, 1, entries)).astype(np.float32)
        for number in range(FURTHER)
    }
    projects.ntuple(path, signal=True, events=entries, **further)


def stage(folder: Path, name: str, threads: int, *, provenance: bool = True) -> list[str]:
    """Return the words of the features stage, as the workflow calls it."""
    settings = features_settings(
        weight="weight",
        selection="(x > 0) & (y < 2)",
        features={**{name: name for name in ("x", "y", "z", *READ)}, "sum": "x + y"},
        chunk=100_000,
    )
    words = ["-m", "snakeroot.features", "--spec", to_json({"settings": settings.model_dump(mode="json")})]
    words += ["--ntuple", f"{name}.root", "--metadata", "--threads", str(threads)]
    words += ["--table", f"{name}.parquet", "--cut-flow", f"{name}.json"]
    return words + (["--provenance", f"{name}-provenance.json"] if provenance else [])
