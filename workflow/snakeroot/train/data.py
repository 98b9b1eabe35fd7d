"""Parquet to tensors, and event weights to training weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.rows import matrix, yields


class Data(NamedTuple):
    """Rows of one split, float32: features (n, inputs), target (n,) of 0 and 1, weight (n,) of mean 1."""

    features: Tensor
    target: Tensor
    weight: Tensor


def load(paths: Sequence[Path], normalisation: Path, inputs: Sequence[str], balance: bool, split: str) -> Data:
    """Read all parts of a split.

    Raises:
        SnakerootError: naming the split and the class that is missing or weighs nothing.
    """
    table = tables.read_all(paths, ["sample", "target", "weight", *inputs])
    target = table["target"].to_numpy()
    weight = training_weights(target, yields(table, normalisation), balance, split)
    return Data(
        torch.from_numpy(matrix(table, inputs)),
        torch.from_numpy(target.astype(np.float32)),
        torch.from_numpy(weight.astype(np.float32)),
    )


def training_weights(
    target: NDArray[np.int8], weight: NDArray[np.float64], balance: bool, split: str
) -> NDArray[np.float64]:
    """Return weights of mean 1; with `balance`, both classes have the same sum.

    Raw weights can be 1e-5 each, which would shrink every gradient with them.

    Raises:
        SnakerootError: if a class is missing or its weights add up to nothing, or less.
    """
    scaled = np.empty(len(weight))
    total = weight.sum()
    for value, name in enumerate(("background", "signal")):
        chosen = target == value
        if not chosen.any():
            raise SnakerootError(f"the {split} split has no {name} events: add events, or give it a larger fraction")
        of_class = weight[chosen].sum()
        if not of_class > 0:
            raise SnakerootError(
                f"the weights of the {name} events in the {split} split add up to {of_class:g}; is 'weight' right? "
                "With negative weights, more events or 'negative_weights: absolute' may help"
            )
        scaled[chosen] = weight[chosen] * len(weight) / (2 * of_class if balance else total)
    return scaled
