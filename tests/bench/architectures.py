"""Architecture by architecture: what torch.compile and a second thread do to a training, in its speed and its bytes.

The stage's own loop on rows in memory, the same network and order of rows each time: as it is, compiled (mode default),
and with two threads; the first and the last batch of an epoch have different sizes. Speed is that of the fastest epoch
after the first. What compilation takes is the first epoch's time beyond that of another one, with an empty cache.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from typing import NamedTuple
from unittest.mock import patch

import networks
import numpy as np
import torch
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import Network
from snakeroot.networks.tensors import Data
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.settings import Training
from snakeroot.train.state import State, configure, start
from torch import Tensor
from trainings import BINARY, held

CHANNELS = ["deta", "dphi", "log_pt", "log_e"]
LENGTH = 40


class Size(NamedTuple):
    """How much is measured: rows of each architecture, and whether it is compiled, too."""

    rows: Mapping[str, int]
    epochs: int
    compiled: bool


FULL = Size(
    {
        "mlp": 100_000,
        "conv1d": 10_000,
        "conv2d": 6000,
        "recursive": 10_000,
        "pfn": 10_000,
        "efn": 10_000,
        "interaction_network": 2000,
        "particle_net": 2000,
        "particle_transformer": 3000,
    },
    3,
    compiled=True,
)
SHORT = Size({"mlp": 600}, 2, compiled=False)
BATCHES = {"mlp": 1024, "conv1d": 256, "conv2d": 128, "recursive": 64}
"""Rows of a batch; 128 of any other."""


def measure(size: Size = FULL) -> dict[str, float]:
    """Return rows per second, the gain of the others, seconds of compilation, and whether two threads gave the same."""
    compiled = size.compiled and any(map(shutil.which, ("g++", "clang++", "c++")))
    numbers: dict[str, float] = {}
    for name, rows in size.rows.items():
        one, blocks = inputs(name, rows)
        data = Data(blocks.flatten(1).float(), (torch.arange(rows) % 2).float(), torch.ones(rows), torch.empty(rows, 0))
        known = Training(max_epochs=size.epochs, patience=size.epochs, batch_size=BATCHES.get(name, 128))
        state, seconds = trained(name, one, data, known)
        steady = min(seconds[1:])
        two, of_two = trained(name, one, data, known.model_copy(update={"threads": 2}))
        numbers |= {
            f"rows_per_second_{name}": rows / steady,
            f"gain_of_two_threads_{name}": steady / min(of_two[1:]),
            f"same_bytes_with_two_threads_{name}": float(same(state, two)),
        }
        if compiled:
            with tempfile.TemporaryDirectory() as cache, patch.dict(os.environ, TORCHINDUCTOR_CACHE_DIR=cache):
                _, of_compiled = trained(name, one, data, known.model_copy(update={"compile": "default"}))
                torch._dynamo.reset()
            numbers[f"gain_of_compilation_{name}"] = steady / min(of_compiled[1:])
            numbers[f"seconds_of_compilation_{name}"] = of_compiled[0] - min(of_compiled[1:])
    return numbers


def inputs(name: str, rows: int) -> tuple[list[Input], Tensor]:
    """Return what an architecture takes, and so many rows of it."""
    if name == "mlp":
        return networks.scalars(20), torch.randn(rows, 20, generator=torch.Generator().manual_seed(1))
    if name == "conv2d":
        return [networks.image(30, 30)], torch.randn(rows, 900, generator=torch.Generator().manual_seed(1)).relu()
    if name == "recursive":
        leaves = np.random.default_rng(1).integers(20, 40, rows, endpoint=True).tolist()
        return [networks.tree(79, 7)], networks.trees(leaves, 79, 7)
    return [networks.sequence(LENGTH, CHANNELS)], networks.sequences(rows, LENGTH, len(CHANNELS), 1)


def trained(name: str, one: list[Input], data: Data, training: Training) -> tuple[State, list[float]]:
    """Return the state after all epochs, and the seconds of each."""
    configure(training)
    torch.manual_seed(1)
    settings = {"hidden": [64, 64]} if name == "mlp" else {}
    state = start(Network(networks.make(name, one, **settings), one), BINARY, training, 1, len(data.target))
    ends = [time.perf_counter()]
    valid = held(data.part(slice(len(data.target) // 10)))
    fit(
        state,
        held(data),
        valid,
        training,
        CheckpointTimer(lambda: None, 60),
        lambda _: ends.append(time.perf_counter()),
    )
    return state, np.diff(ends).tolist()


def same(one: State, other: State) -> bool:
    """Whether two trainings have ended with the same bits."""
    mine, others = one.network.state_dict(), other.network.state_dict()
    return all(torch.equal(tensor, others[name]) for name, tensor in mine.items())
