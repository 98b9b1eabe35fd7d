"""The share of the weight that is taken for its own class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from snakeroot.networks.objectives._objective import Objective

TITLE, ORDER = "Accuracy", 1
KINDS = ("binary", "multiclass")
MAXIMISED, OF_TARGET, DECADES = True, False, False


def measure(objective: Objective, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return the share that is right at a score of 0.5 or, of several classes, by the likeliest."""
    import torch

    from snakeroot.networks.objectives._objective import chunks

    del objective
    right, total = (outputs.new_zeros((), dtype=torch.float64) for _ in range(2))
    for predicted, wanted, heavy in chunks(outputs, target, weight):
        binary = predicted.shape[1] == 1
        hit = (predicted.squeeze(1) > 0) == (wanted > 0.5) if binary else predicted.argmax(1) == wanted.long()
        right += torch.dot(heavy.double(), hit.double())
        total += heavy.sum(dtype=torch.float64)
    return right / total
