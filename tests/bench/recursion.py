"""Training the recursive network on all trees of a batch at once, against the plain recursion from jet to jet.

One core, forward, loss, backward and step of Adam, 40 units, trees of some 30 leaves (60 nodes) with 7 numbers each,
merged at random; float32. The plain recursion calls itself for each node, as the paper writes it down, with the same
layers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import networks
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

LEAVES = (20, 40)
CHANNELS = 7
EPOCH = 26_000


class Size(NamedTuple):
    """How much is measured."""

    batches: tuple[int, ...]
    rounds: int


FULL = Size(batches=(64, 512), rounds=5)
SHORT = Size(batches=(8,), rounds=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return for each batch size jets per second of both, the ratio, and seconds of ours for 26,000 jets."""
    torch.set_num_threads(1)
    leaves = np.random.default_rng(1).integers(*LEAVES, max(size.batches), endpoint=True).tolist()
    blocks = networks.trees(leaves, 2 * LEAVES[1] - 1, CHANNELS).float()
    numbers = {}
    with networks.as_in_jobs():
        module = networks.make("recursive", [networks.tree(blocks.shape[2], CHANNELS)])
        for batch in size.batches:
            rows = blocks[:batch].flatten(1)
            ours = batch / min(seconds(module, lambda rows=rows: module(rows)) for _ in range(size.rounds))
            plain = batch / seconds(module, lambda jets=blocks[:batch]: jet_by_jet(module, jets))
            numbers |= {
                f"recursion_vs_jet_by_jet_{batch}": ours / plain,
                f"jets_per_second_{batch}": ours,
                f"jets_per_second_jet_by_jet_{batch}": plain,
                f"seconds_per_epoch_{batch}": EPOCH / ours,
            }
    return numbers


def seconds(module: nn.Module, outputs: Callable[[], Tensor]) -> float:
    """CPU time of a step."""
    optimizer = torch.optim.Adam(module.parameters(), fused=True)
    start = time.process_time()
    found = outputs().squeeze(1)
    loss = binary_cross_entropy_with_logits(found, (torch.arange(len(found)) % 2).float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return time.process_time() - start


def jet_by_jet(module: nn.Module, blocks: Tensor) -> Tensor:
    """Return the outputs by the plain recursion."""
    [encoder] = module.encoders

    def embedding(jet: Tensor, children: list[list[int]], node: int) -> Tensor:
        content = torch.relu(encoder.content(jet[node]))
        left, right = children[node]
        if left < 0:
            return content
        below = torch.cat([embedding(jet, children, left), embedding(jet, children, right), content])
        return torch.relu(encoder.node.hidden(below))

    roots = []
    for block in blocks:
        children = block[-4:-2].long().T.tolist()
        roots.append(embedding(block[:-4].T, children, int(block[-1].sum()) - 1))
    return module.head(torch.stack(roots))
