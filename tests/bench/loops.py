"""The training loop for networks whose steps take long, beside their bare steps: forward, backward, step.

One core; images of 30 × 30 through the exercise's convolutions (batch 128), trees of some 30 leaves through the
recursive network (batch 64). Ours shuffles, validates on a tenth as many rows, and computes the metrics; the bare loop
takes batches that were sliced once. Each round measures both, one after the other; ratios are of the medians.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import networks
import numpy as np
import torch
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import Network
from snakeroot.networks.tensors import Data
from snakeroot.train.interruption import CheckpointTimer
from snakeroot.train.loop import fit
from snakeroot.train.settings import Training
from snakeroot.train.state import configure, start
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from trainings import BINARY, held


class Size(NamedTuple):
    """How much is measured."""

    rows: int
    rounds: int


FULL = Size(rows=4096, rounds=5)
SHORT = Size(rows=256, rounds=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return, for each network, rows per second of both, and the ratio ours / bare."""
    count = size.rows
    images = torch.randn(count, 900, generator=torch.Generator().manual_seed(1)).relu()
    leaves = np.random.default_rng(1).integers(20, 40, count, endpoint=True).tolist()
    trees = networks.trees(leaves, 79, 7).float().flatten(1)
    kinds: dict[str, tuple[Input, Tensor, int]] = {
        "conv2d": (networks.image(30, 30), images, 128),
        "recursive": (networks.tree(79, 7), trees, 64),
    }
    numbers = {}
    for name, (one, rows, batch) in kinds.items():
        training = Training(max_epochs=1, batch_size=batch)
        configure(training)
        data = Data(rows, (torch.arange(count) % 2).float(), torch.ones(count), torch.empty(count, 0))
        seconds: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(size.rounds):
            seconds["ours"].append(clock(ours, network(name, one), data, training))
            seconds["bare"].append(clock(bare, network(name, one), data, batch))
        median = {kind: statistics.median(values) for kind, values in seconds.items()}
        numbers |= {
            f"{name}_vs_bare": median["bare"] / median["ours"],
            **{f"rows_per_second_{name}_{kind}": count / value for kind, value in median.items()},
        }
    return numbers


def network(name: str, one: Input) -> Network:
    torch.manual_seed(1)
    return Network(networks.make(name, [one]), [one])


def ours(net: Network, data: Data, training: Training) -> None:
    """One epoch of the stage's loop."""
    rows = len(data.target)
    state = start(net, BINARY, training, 1, rows)
    fit(
        state,
        held(data),
        held(data.part(slice(rows // 10))),
        training,
        CheckpointTimer(lambda: None, 60),
        lambda _: None,
    )


def bare(net: Network, data: Data, batch: int) -> None:
    """One epoch of steps."""
    optimizer = torch.optim.Adam(net.parameters(), fused=True)
    batches = list(zip(*(column.split(batch) for column in data), strict=True))
    for rows, target, weight, _ in batches:
        loss = binary_cross_entropy_with_logits(net.layers(rows).squeeze(1), target, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def clock(run: Callable[..., None], *arguments: Any) -> float:
    begin = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - begin
