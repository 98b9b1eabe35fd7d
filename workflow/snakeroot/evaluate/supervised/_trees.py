"""Shapley values of a network of boosted trees, and the rows that they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import shapley
from snakeroot.evaluate.choice import choose
from snakeroot.evaluate.resampling import Floats
from snakeroot.networks.layers.boosted_trees import BoostedTrees
from snakeroot.networks.network import Network
from snakeroot.networks.rows import matrix, numbers

EXPLAINED, BACKGROUND = 500, 200
"""Rows that are explained, and rows that stand for what is not known, at most."""


@dataclass(frozen=True)
class Explained:
    """Shapley values of some rows.

    Attributes:
        names: of the features.
        features: of the rows, (n, features).
        shapley: in units of the output, (n, features, outputs).
    """

    names: list[str]
    features: NDArray[np.float32]
    shapley: Floats


def explain(network: Network, events: Sequence[Path], seed: int, *, classes: bool) -> Explained:
    """Return the values of rows of the test split; with classes, as many rows are of each as there can be.

    Raises:
        SnakerootError: if there is no row.
    """
    names = [one.name for one in network.inputs]
    table = tables.read_all(events, [*names, "target"])
    if not table.num_rows:
        raise SnakerootError(f"{events[0].parent}: there is no row in the test split")
    target = numbers(table["target"])
    explained, others = (
        matrix(table.take(choose(target, most, one, classes=classes)), network.inputs)
        for most, one in ((EXPLAINED, seed), (BACKGROUND, seed + 1))
    )
    return Explained(names, explained, values(network, explained, others))


@torch.no_grad()
def values(network: Network, rows: NDArray[np.float32], background: NDArray[np.float32]) -> Floats:
    """Return the Shapley values (n, features, outputs) of rows (n, features), given a background (m, features)."""
    trees: Any = network.layers
    if not isinstance(trees, BoostedTrees):
        raise TypeError(f"{type(trees).__name__} is no sum of trees")
    scaled, others = (network.scaled(torch.from_numpy(one)).numpy().astype(np.float64) for one in (rows, background))
    found = np.zeros((*rows.shape, len(trees.baseline)))
    whole = {name: trees.get_buffer(name).numpy() for name in trees.numbers}
    for step in range(trees.steps):
        for output in range(len(trees.baseline)):
            tree = {name: numbers[step, output] for name, numbers in whole.items()}
            found[:, :, output] += shapley.values(tree, scaled, others)
    shapley_values: Floats = found * network.target_standard_deviation.numpy()
    return shapley_values
