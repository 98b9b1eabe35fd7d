"""The shipped train stage against a Dataset and DataLoader loop, and against the least that an epoch can cost.

One core, the lecture's 2-20-20-1 net, Adam, batch 1024, 200,000 events, 40,000 of them to validate. The three are taken
in turns in one process, imports and reading apart. "Ours" is the stage's own loop, with shuffling, validation, AUC,
history and the watch for signals; the limit is forward, loss, backward and step on tensors that are sliced beforehand
and never shuffled.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from snakeroot.network import Network, build
from snakeroot.train.data import Data
from snakeroot.train.settings import Training
from snakeroot.train.state import configure
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, Dataset
from trainings import fitted

EVENTS = 200_000
BATCH = 1024
EPOCHS = 5
ROUNDS = 5


class Rows(Dataset[tuple[torch.Tensor, ...]]):
    """The exercise's kind of data set: one row at a time."""

    def __init__(self, data: Data) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data.target)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, ...]:
        return tuple(column[index] for column in self.data)


def measure() -> dict[str, float]:
    """Return events per second of the three, and the two ratios."""
    configure(Training())
    train, validation = toy(int(0.8 * EVENTS)), toy(int(0.2 * EVENTS))
    seconds: dict[str, list[float]] = {"ours": [], "dataloader": [], "limit": []}
    for _ in range(ROUNDS):
        seconds["ours"].append(clock(lambda: ours(train, validation)) / EPOCHS)
        seconds["limit"].append(clock(lambda: limit(train)) / EPOCHS)
    seconds["dataloader"].append(clock(lambda: dataloader(train)))
    epoch = {name: statistics.median(values) for name, values in seconds.items()}
    return {
        "training_vs_dataloader": epoch["dataloader"] / epoch["ours"],
        "training_vs_limit": epoch["limit"] / epoch["ours"],
        **{f"events_per_second_{name}": len(train.target) / value for name, value in epoch.items()},
    }


def toy(rows: int) -> Data:
    """Return two Gaussians in two features, with weights."""
    target = (torch.rand(rows) < 0.5).float()
    return Data(torch.randn(rows, 2) + target[:, None], target, torch.rand(rows) + 0.5)


def ours(train: Data, validation: Data) -> None:
    """Run the stage's loop."""
    training = Training(batch_size=BATCH, max_epochs=EPOCHS, patience=EPOCHS)
    fitted(network(), training, train, validation)


def dataloader(train: Data) -> None:
    """Run one epoch as the exercise does."""
    steps(network(), DataLoader(Rows(train), batch_size=BATCH, shuffle=True))


def limit(train: Data) -> None:
    """Run epochs over tensors that were sliced once."""
    net = network()
    batches = list(zip(*(column.split(BATCH) for column in train), strict=True))
    for _ in range(EPOCHS):
        steps(net, batches)


def steps(net: Network, batches: object) -> None:
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    for features, target, weight in batches:  # type: ignore[attr-defined]
        loss = binary_cross_entropy_with_logits(net(features).squeeze(1), target, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def network() -> Network:
    torch.manual_seed(1)
    return build("mlp", {"hidden": [20, 20]}, ["x", "y"])


def clock(run: Callable[[], None]) -> float:
    start_time = time.perf_counter()
    run()
    return time.perf_counter() - start_time
