"""Several targets at once: the losses of all, the others with weights of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from snakeroot.networks.metrics import Metric
from snakeroot.networks.objectives import _objective
from snakeroot.networks.objectives._objective import Reduction


@dataclass(frozen=True)
class Head:
    """One of the other targets: its name, what its output is trained for, and what its loss is multiplied by."""

    name: str
    objective: _objective.Objective
    strength: float


class Joint(_objective.Objective):
    """Targets and weights are (n, 1 + others), the main target's first; a weight is 0 where a target is not known.

    R. Caruana, Multitask Learning, Machine Learning 28 (1997) 41.

    Args:
        main: whose kind, unit and uncertainties these are.
        heads: the others, in the order of their outputs, one each, behind those of the main target.
    """

    def __init__(self, main: _objective.Objective, heads: Sequence[Head]) -> None:
        self.main, self.heads = main, heads
        self.kind, self.unit, self.uncertainties = main.kind, main.unit, main.uncertainties
        self.outputs = main.outputs + len(heads)

    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted losses of all targets together."""
        own = self.main.outputs
        loss = self.main.loss(outputs[:, :own], target[:, 0], weight[:, 0], reduction)
        for place, head in enumerate(self.heads):
            part = outputs[:, own + place : own + place + 1], target[:, 1 + place], weight[:, 1 + place]
            loss = loss + head.strength * head.objective.loss(*part, reduction)
        return loss

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Those of the main target; then of each other, behind its name."""
        beside = (f"{head.name}.{metric}" for head in self.heads for metric in head.objective.metrics)
        return (*self.main.metrics, *beside)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the metrics of a split, float64: each of its own target, where that is known."""
        own = self.main.outputs
        found = [self.main.measure(outputs[:, :own].contiguous(), *_column(target, weight, 0))]
        for place, head in enumerate(self.heads, 1):
            predicted = outputs[:, own + place - 1 : own + place].contiguous()
            found.append(head.objective.measure(predicted, *_column(target, weight, place)))
        return torch.cat(found)

    def beside(self, measured: Mapping[str, float], split: str) -> float:
        """Return what the losses of the others add to the main one's in an epoch's row of the history."""
        return sum(head.strength * measured[f"{split}_{head.name}.loss"] for head in self.heads)


def _column(target: Tensor, weight: Tensor, place: int) -> tuple[Tensor, Tensor]:
    return target[:, place].contiguous(), weight[:, place].contiguous()
