"""Jets that the tests make themselves: lists of constituents, and blocks made of them."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray
from snakeroot.features.blocks import BLOCKS, kind
from snakeroot.features.inputs import Block
from snakeroot.features.objects import Objects
from snakeroot.physics.expressions.language import parse

COLUMNS = {"pt": "pt", "eta": "eta", "phi": "phi"}

Jet = list[tuple[float, float, float]]
"""pt, η, φ of each constituent."""


def branches(jets: list[Jet]) -> dict[str, ak.Array]:
    """Return the branches pt, eta and phi."""
    return {
        name: ak.values_astype(ak.Array([[one[i] for one in jet] for jet in [*jets, [(1.0,) * 3]]]), "float64")[:-1]
        for i, name in enumerate(COLUMNS)
    }


def random_jets(count: int, seed: int = 0, most: int = 12) -> list[Jet]:
    """Return jets anywhere, with 1 to `most` constituents within about 0.4 of their axis."""
    random = np.random.default_rng(seed)
    jets = []
    for size in random.integers(1, most + 1, count):
        axis = random.normal(0, 1), random.uniform(-np.pi, np.pi)
        pt, eta, phi = random.exponential(5, size) + 0.1, random.normal(0, 0.4, size), random.normal(0, 0.4, size)
        jets.append(
            [
                (p, axis[0] + e, (axis[1] + f + np.pi) % (2 * np.pi) - np.pi)
                for p, e, f in zip(pt, eta, phi, strict=True)
            ]
        )
    return jets


def build(block: Block, jets: list[Jet] | dict[str, ak.Array]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the block of each jet, in its shape, and how many constituents of each were left out."""
    columns: Any = jets if isinstance(jets, dict) else branches(jets)
    expressions = {role: parse(text) for role, text in block.expressions().items()}
    rows = len(next(iter(columns.values())))
    values, left_out = BLOCKS.load(kind(block)).build(block, Objects.of("block", expressions, columns, np.arange(rows)))
    assert values.dtype == np.float32
    assert values.shape == (rows, block.input("block").size)
    return values.reshape(rows, *block.input("block").shape), left_out
