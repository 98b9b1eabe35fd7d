"""The shipped training against a Dataset and DataLoader loop, and against the least that an epoch can cost.

One core, the lecture's 2-20-20-1 net, Adam, batch 1024, 200,000 events, 40,000 of them to validate. All are taken in
turns in one process, imports and reading apart. "Ours" is the stage's own loop as users get it, with shuffling,
validation, AUC and history, on rows in memory, and (streamed) on rows that are read from Parquet in each epoch; the
limit is forward, loss, backward and step of plain torch on tensors that are sliced beforehand and never shuffled.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import splits
import torch
from snakeroot.networks.network import Network, build
from snakeroot.networks.tensors import Data
from snakeroot.train.data import Table
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.parallel import ALONE, CPU
from snakeroot.train.settings import Training
from snakeroot.train.sources import Resident, Streamed
from snakeroot.train.state import configure, start
from snakeroot.train.target import Target
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, Dataset
from trainings import BINARY, scalars

BATCH = 1024
INPUTS = splits.features(2)


class Size(NamedTuple):
    """How much is measured."""

    events: int
    epochs: int
    rounds: int


FULL = Size(events=200_000, epochs=5, rounds=5)
SHORT = Size(events=4000, epochs=1, rounds=1)


class Rows(Dataset[tuple[torch.Tensor, ...]]):
    """The exercise's kind of data set: one row at a time."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data.target)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        return tuple(column[index] for column in self.data)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return events per second of the four, and the ratios."""
    training = Training(batch_size=BATCH, max_epochs=size.epochs, patience=size.epochs)
    configure(training)
    seconds: dict[str, list[float]] = {name: [] for name in ("resident", "streamed", "dataloader", "limit")}
    with tempfile.TemporaryDirectory() as folder:
        known = splits.metadata(Path(folder), 2)["normalisation"]
        given = known, scalars(*INPUTS), Target(("background", "signal")), lambda x: x
        tables = [
            Table(split, splits.create(Path(folder), split, int(share * size.events), 2), *given)
            for split, share in (("train", 0.8), ("validation", 0.2))
        ]
        sources = {
            kind.__name__.lower(): [kind.load(one, training.shuffle_window, ALONE, CPU) for one in tables]
            for kind in (Resident, Streamed)
        }
        data = next(sources["resident"][0].shuffled(1, BATCH)).data
        for _ in range(size.rounds):
            for name, (train, validation) in sources.items():
                seconds[name].append(clock(lambda t=train, v=validation: ours(t, v, training)) / size.epochs)
            seconds["limit"].append(clock(lambda: limit(data, size.epochs)) / size.epochs)
        seconds["dataloader"].append(clock(lambda: dataloader(data)))
    epoch = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "training_vs_dataloader": epoch["dataloader"] / epoch["resident"],
        "training_vs_limit": epoch["limit"] / epoch["resident"],
        "streamed_vs_resident": epoch["resident"] / epoch["streamed"],
        **{f"events_per_second_{name}": len(data.target) / value for name, value in epoch.items()},
    }


def ours(train: Resident | Streamed, validation: Resident | Streamed, training: Training) -> None:
    """Run the stage's loop."""
    state = start(network(), BINARY, training, 1, train.rows)
    fit(state, train, validation, training, CheckpointTimer(lambda: None, 1.0), lambda _: None)


def dataloader(train: Data) -> None:
    """Run one epoch as the exercise does."""
    steps(network(), DataLoader(Rows(train), batch_size=BATCH, shuffle=True))


def limit(train: Data, epochs: int) -> None:
    """Run epochs over tensors that were sliced once."""
    net = network()
    batches = list(zip(*(column.split(BATCH) for column in train), strict=True))
    for _ in range(epochs):
        steps(net, batches)


def steps(net: Network, batches: Iterable[tuple[torch.Tensor, ...]]) -> None:
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    for features, target, weight, _ in batches:
        loss = binary_cross_entropy_with_logits(net.layers(features).squeeze(1), target, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def network() -> Network:
    torch.manual_seed(1)
    return build("mlp", {"hidden": [20, 20]}, scalars(*INPUTS), 1)


def clock(run: Callable[[], None]) -> float:
    start_time = time.perf_counter()
    run()
    return time.perf_counter() - start_time
