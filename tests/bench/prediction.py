"""Scoring rows against the bare forward pass, on one core, and the whole prediction stage against it.

The bare pass calls a network's layers on tensors that are there already, 8192 rows at a time, and keeps what they give.
`score` has beside it the scaling, what the kind of task makes of the outputs, and arrays in and out; the stage reads
Parquet with its digests, and writes Parquet. CPU seconds of one process, imports apart, the best of several rounds, in
which all take turns.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import splits
import torch
from snakeroot.data import tables
from snakeroot.networks.network import Network, build
from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.rows import matrix
from snakeroot.networks.scoring import score
from snakeroot.predict.__main__ import scored
from snakeroot.predict.settings import PredictSettings
from trainings import scalars

BATCH = 8192


class Size(NamedTuple):
    """How much is measured: of each number of features the hidden layers."""

    rows: int
    networks: Mapping[int, list[int]]
    rounds: int


FULL = Size(1_000_000, {4: [64, 64], 30: [256, 256, 256]}, rounds=3)
SHORT = Size(2000, {4: [64, 64]}, rounds=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds of each, and the ratios of the bare pass to the others: above 0.85 if they cost 15 % or less."""
    torch.set_num_threads(1)
    return {key: value for inputs, hidden in size.networks.items() for key, value in of(inputs, hidden, size).items()}


def of(inputs: int, hidden: list[int], size: Size) -> dict[str, float]:
    """Return what is measured of one network."""
    names = splits.features(inputs)
    torch.manual_seed(1)
    network = build("mlp", {"hidden": hidden}, scalars(*names), 1).eval()
    predictions = OBJECTIVES.load("binary").predictions
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = splits.create(folder, "test", size.rows, inputs)
        normalisation = splits.metadata(folder, inputs)["normalisation"]
        rows = matrix(tables.read_all(files, names), network.inputs)
        held = torch.from_numpy(rows)
        settings = PredictSettings(kind="binary", classes=list(splits.SAMPLES), event_id=["event"])

        def stage() -> None:
            parts = scored(settings, network, files, normalisation, "")
            first = next(parts)
            tables.write(itertools.chain([first], parts), first.schema, folder / "predictions.parquet")

        ways: dict[str, Callable[[], object]] = {
            "bare": lambda: bare(network, held),
            "score": lambda: score(network, rows, predictions),
            "stage": stage,
        }
        rounds = [{way: clock(run) for way, run in ways.items()} for _ in range(size.rounds)]
    seconds = {way: min(one[way] for one in rounds) for way in ways}
    label = "-".join(map(str, hidden))
    return {
        f"score_vs_bare_{label}": seconds["bare"] / seconds["score"],
        f"stage_vs_bare_{label}": seconds["bare"] / seconds["stage"],
        **{f"seconds_{way}_{label}": value for way, value in seconds.items()},
    }


@torch.no_grad()
def bare(network: Network, rows: torch.Tensor) -> list[torch.Tensor]:
    """Call the layers, and nothing else."""
    return [network.layers(part) for part in rows.split(BATCH)]


def clock(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start
