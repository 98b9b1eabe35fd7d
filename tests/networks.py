"""Networks of the architectures, on blocks that the tests make themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits


def make(architecture: str, inputs: Sequence[Input], outputs: int = 1, **settings: Any) -> nn.Module:
    """Return the layers that a network of these settings has."""
    module = ARCHITECTURES.load(architecture)
    built: nn.Module = module.build(module.Architecture(**settings), inputs, outputs)
    return built


def scalars(number: int) -> list[Input]:
    return [Input(name=f"x{index}") for index in range(number)]


def image(height: int, width: int, channels: int = 1) -> Input:
    return Input(name="image", kind="image", channels=names(channels), positions=[height, width])


def sequence(length: int, channels: Sequence[str] | int, name: str = "sequence") -> Input:
    known = names(channels) if isinstance(channels, int) else list(channels)
    return Input(name=name, kind="sequence", channels=known, positions=[length])


def tree(nodes: int, channels: int) -> Input:
    return Input(name="tree", kind="tree", channels=names(channels), positions=[nodes])


def names(number: int) -> list[str]:
    return [f"channel{index}" for index in range(number)]


def parameters(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def sequences(rows: int, length: int, channels: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    """Return blocks (rows, channels + 1, length) of normal numbers, from no position to all not masked."""
    random = torch.Generator().manual_seed(seed)
    mask = torch.arange(length) < torch.randint(length + 1, (rows, 1, 1), generator=random)
    return torch.cat([torch.randn(rows, channels, length, generator=random) * mask, mask], dim=1).to(dtype)


def trees(leaves: Sequence[int], nodes: int, channels: int, seed: int = 0) -> Tensor:
    """Return blocks (trees, channels + 4, nodes) of trees of so many leaves, merged at random, float64."""
    random = np.random.default_rng(seed)
    return torch.stack([torch.from_numpy(_tree(number, nodes, channels, random)) for number in leaves])


def _tree(leaves: int, nodes: int, channels: int, random: np.random.Generator) -> NDArray[np.float64]:
    block = np.zeros((channels + 4, nodes))
    left, right, height, mask = block[channels:]
    known, alive = 2 * leaves - 1, list(range(leaves))
    block[:channels, :known] = random.normal(size=(channels, known))
    mask[:known], left[:known], right[:known] = 1, -1, -1
    for node in range(leaves, known):
        left[node], right[node] = (alive.pop(random.integers(len(alive))) for _ in range(2))
        height[node] = 1 + max(height[int(left[node])], height[int(right[node])])
        alive.append(node)
    return block


@contextmanager
def as_in_jobs(seed: int = 1) -> Iterator[None]:
    """Set torch up as a training does: what is not deterministic is an error."""
    torch.manual_seed(seed)
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("error")
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)


def train(module: nn.Module, rows: Tensor, target: Tensor, epochs: int, rate: float = 0.01, batch: int = 100) -> None:
    """Train for classes 0 and 1 with Adam, in random batches; then switch off what is for training alone."""
    optimizer = torch.optim.Adam(module.parameters(), lr=rate)
    module.train()
    for _ in range(epochs):
        for some in torch.randperm(len(rows)).split(batch):
            loss = binary_cross_entropy_with_logits(module(rows[some]).squeeze(1), target[some].to(rows.dtype))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    module.eval()


@torch.no_grad()
def accuracy(module: nn.Module, rows: Tensor, target: Tensor) -> float:
    return ((module(rows).squeeze(1) > 0) == (target > 0)).double().mean().item()
