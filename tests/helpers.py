"""Ntuples and tables that the tests make themselves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import uproot
from snakeroot.data import tables
from snakeroot.data.files import read_json
from snakeroot.features.__main__ import features
from snakeroot.features.settings import FeaturesSettings
from snakeroot.settings import ID

KINDS = ("TTree", "RNTuple")


def branches(entries: int, seed: int = 0) -> dict[str, ak.Array]:
    """Return flat, jagged, narrow, boolean and text branches; every entry has its own `event`."""
    random = np.random.default_rng(seed)
    sizes = random.integers(0, 4, entries)
    return {
        "run": ak.Array(np.full(entries, 7, np.int32)),
        "event": ak.Array(np.arange(entries, dtype=np.int64) + 1000 * seed),
        "name": ak.Array([f"event {number}" for number in range(entries)]),
        "w": ak.Array(random.normal(1.0, 0.7, entries)),
        "x": ak.Array(random.normal(0.0, 1.0, entries).astype(np.float32)),
        "n": ak.Array(sizes.astype(np.uint8)),
        "good": ak.Array(random.random(entries) < 0.8),
        "pt": ak.unflatten(ak.Array(random.exponential(30.0, sizes.sum()).astype(np.float32)), sizes),
    }


def write_ntuple(path: Path, columns: Mapping[str, Any], kind: str = "TTree", older: int = 0) -> Path:
    """Write the tree `events`, after `older` cycles of it that hold only the first few entries."""
    arrays = {name: ak.Array(values) for name, values in columns.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with uproot.recreate(path) as file:
        for cycle in [*range(1, older + 1), None]:
            some = {name: values[:cycle] for name, values in arrays.items()}
            if kind == "RNTuple":
                file.mkrntuple("events", some)
            else:
                types = {name: str(values.type.content) for name, values in some.items()}
                file.mktree("events", types).extend(some)
    return path


def features_settings(**changed: Any) -> FeaturesSettings:
    """Return settings that fit `branches`."""
    known = {
        "sample": "signal",
        "part": "part",
        "target": 1,
        "tree": "events",
        "event_id": ["run", "event"],
        "rows": None,
        "weight": None,
        "negative_weights": "keep",
        "non_finite": "error",
        "selection": None,
        "features": {"x": "x"},
        "spectators": [],
        "chunk": 1000,
        "checksum": None,
    }
    return FeaturesSettings.model_validate(known | changed)


def run_features(ntuple: Path, metadata: list[Path] | None = None, **changed: Any) -> tuple[pa.Table, dict[str, Any]]:
    """Run the stage in this process; return its table and its cut flow."""
    output = ntuple.parent / "output"
    features(features_settings(**changed), [ntuple], metadata or [], output / "table.parquet", output / "cut_flow.json")
    return tables.read(output / "table.parquet"), read_json(output / "cut_flow.json")


def steps(flow: dict[str, Any]) -> dict[str, int]:
    """Return entries by step of a cut flow."""
    return {step["step"]: step["entries"] for step in flow["steps"]}


def table_of(sample: str = "signal", target: int | None = 1, weight: Any = None, **columns: Any) -> pa.Table:
    """Return a table as the features stage writes it; `id_…` columns are the event's identity."""
    arrays = {name: pa.array(values) for name, values in columns.items()}
    rows = len(next(iter(arrays.values())))
    identity = {name: values for name, values in arrays.items() if name.startswith(ID)}
    common = {
        "sample": pa.array([sample] * rows, pa.string()).dictionary_encode(),
        "part": pa.array(["part"] * rows, pa.string()).dictionary_encode(),
        "entry": pa.array(np.arange(rows)),
        "target": pa.array([target] * rows, pa.int8()),
        "weight": pa.array(np.ones(rows) if weight is None else np.asarray(weight, float)),
    }
    return pa.table(identity | common | {name: values for name, values in arrays.items() if name not in identity})
