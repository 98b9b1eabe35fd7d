"""The same events in files of every kind."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers import run_features, write_ntuple
from snakeroot.errors import SnakerootError

SUFFIXES = (".root", ".h5", ".parquet", ".csv", ".csv.gz", ".npz")
TREES = {".root": "events", ".h5": "events"}


def columns(entries: int, seed: int = 0) -> dict[str, list[Any]]:
    """Return a whole, a large, a floating, a boolean and a text column; every entry has its own `event`."""
    random = np.random.default_rng(seed)
    return {
        "run": [7] * entries,
        "event": [2**60 + number for number in range(entries)],
        "x": random.normal(0, 1, entries).tolist(),
        "n": random.integers(-3, 4, entries).tolist(),
        "good": (random.random(entries) < 0.8).tolist(),
        "name": [f"event {number}, of {seed}" for number in range(entries)],
    }


def write(path: Path, values: Mapping[str, list[Any]]) -> Path:
    """Write columns as a file of the kind that its name says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _WRITERS[next(suffix for suffix in SUFFIXES if path.name.endswith(suffix))](path, values)
    return path


def fails(path: Path, says: str, **changed: Any) -> None:
    """The stage refuses the file with one line that begins with its path, and writes nothing."""
    before = {one: one.stat().st_mtime_ns for one in path.parent.rglob("*")}
    with pytest.raises(SnakerootError, match=says) as error:
        run_features(path, **changed)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)
    assert {one: one.stat().st_mtime_ns for one in path.parent.rglob("*") if one.is_file()}.items() <= before.items()


def _hdf5(path: Path, values: Mapping[str, list[Any]]) -> None:
    with h5py.File(path, "w") as file:
        for name, column in values.items():
            file.create_dataset(f"events/{name}", data=column, fletcher32=not isinstance(column[0], str))


def _parquet(path: Path, values: Mapping[str, list[Any]]) -> None:
    pq.write_table(pa.table(dict(values)), path, row_group_size=23, write_page_checksum=True)


def _text(values: Mapping[str, list[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(values)
    writer.writerows(zip(*values.values(), strict=True))
    return text.getvalue().encode()


_WRITERS = {
    ".root": write_ntuple,
    ".h5": _hdf5,
    ".parquet": _parquet,
    ".csv": lambda path, values: path.write_bytes(_text(values)),
    ".csv.gz": lambda path, values: path.write_bytes(gzip.compress(_text(values), mtime=0)),
    ".npz": lambda path, values: np.savez_compressed(path, **{name: np.array(one) for name, one in values.items()}),
}
