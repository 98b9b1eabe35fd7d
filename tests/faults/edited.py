"""Outputs that were changed by hand or by a disk: whoever reads one says so, and computes with nothing else.

One byte is replaced at a random place of each kind of file that other jobs, or users, read on. What is read must be
what was written, or an error that names the file.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from exports import exported
from faults._tally import Tally
from helpers import branches, write_ntuple
from snakeroot.apply.model import load
from snakeroot.apply.output import written
from snakeroot.data import tables
from snakeroot.data.files import read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.jobs.provenance import digests
from snakeroot.networks import weights
from snakeroot.origins.differences import Digests

FULL = 1000
SHORT = 40


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        name: for the table.
        path: of a sound one.
        read: returns what is in it, as something that compares.
    """

    name: str
    path: Path
    read: Callable[[Path], Any]


def try_all(count: int, folder: Path) -> list[Tally]:
    """Replace a byte in each kind of file, so many times."""
    return [_flipped(kind, count) for kind in _kinds(folder)]


def _flipped(kind: Kind, count: int) -> Tally:
    tally = Tally(f"a byte of {kind.name} is changed")
    content, sound = kind.path.read_bytes(), kind.read(kind.path)
    chance = random.Random(kind.name)  # noqa: S311 - places, no secrets
    for _ in range(count):
        copy, place = bytearray(content), chance.randrange(len(content))
        copy[place] ^= chance.randrange(1, 256)
        kind.path.write_bytes(copy)
        with tally.attempt(f"byte {place}, {content[place]} → {copy[place]}") as one:
            try:
                assert kind.read(kind.path) == sound, "other content, without a word"
                one.how = "read as it was written"
            except SnakerootError as error:
                one.refused(error, kind.path)
    kind.path.write_bytes(content)
    return tally


def _kinds(folder: Path) -> Iterator[Kind]:
    numbers = np.random.default_rng(1)
    ntuple = write_ntuple(folder / "n.root", branches(300))
    [model], _ = exported(folder, ntuple)
    yield Kind("a table (Parquet)", folder / "rows.parquet", tables.read)
    yield Kind("metrics (JSON)", _json(folder / "metrics.json"), read_json)
    yield Kind("an exported model (ONNX)", model, _scores)
    path = folder / "model.safetensors"
    weights.save({"layer": torch.from_numpy(numbers.random((40, 30))), "bias": torch.zeros(30)}, path)
    yield Kind("weights (safetensors)", path, _tensors)
    path = folder / "friend.root"
    with written(path, "events") as write:
        write({"event": np.arange(300), "net_score": numbers.random(300)})
    made = digests([path])[str(path)]
    yield Kind("a friend (ROOT), as `snakeroot explain` sees it", path, lambda path: _as_made(path, made))


def _json(path: Path) -> Path:
    write_json(
        {"models": {"net": {"auc": 0.91, "loss": 0.34, "cuts": [0.1, 0.5, 0.9], "remarks": ["few events"]}}}, path
    )
    return path


def _scores(path: Path) -> Any:
    """A model is its description and what it makes of some rows."""
    model = load(path)
    rows = np.linspace(-3, 3, 20, dtype=np.float32)[:, None]
    scores = model.run({one.name: rows for one in model.description.inputs}, len(rows))
    return model.description, {name: values.tolist() for name, values in scores.items()}


def _tensors(path: Path) -> Any:
    try:
        known = weights.load(path)
    except ValueError as error:  # whoever reads weights adds the name
        raise SnakerootError(f"{path}: {error}") from error
    return {name: tensor.tolist() for name, tensor in known.tensors.items()}


def _as_made(path: Path, made: dict[str, Any]) -> str:
    state = Digests().state(str(path), made)
    if state != "same":
        raise SnakerootError(f"{path}: is {state}")
    return state
