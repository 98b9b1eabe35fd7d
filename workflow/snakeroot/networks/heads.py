"""What is predicted of all targets that a network learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from snakeroot.networks.objectives import OBJECTIVES
from snakeroot.networks.others import Other


def predictions(main: Callable[[Tensor], Tensor], others: Sequence[Other]) -> Callable[[Tensor], Tensor]:
    """Return what makes predictions (n, columns) of all outputs of a network, given what does of the main ones."""
    if not others:
        return main
    of_others = [OBJECTIVES.load(one.kind).predictions for one in others]

    def of_all(outputs: Tensor) -> Tensor:
        own = outputs.shape[1] - len(others)
        parts = zip(of_others, torch.split(outputs[:, own:], 1, dim=1), strict=True)
        return torch.cat([main(outputs[:, :own]), *(of(part) for of, part in parts)], dim=1)

    return of_all
