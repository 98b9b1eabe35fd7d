"""What a network is trained for, whatever the kind of task: the entries are in snakeroot.networks.objectives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor

from snakeroot.networks.metrics import METRICS, Metric, of_kind
from snakeroot.networks.objectives import Kind, Loss

Reduction = Literal["none", "mean", "sum"]

CHUNK = {"cpu": 2**15, "cuda": 2**22}
"""Rows of which intermediate values are in memory at once: few enough for the cache, or many enough for a GPU."""


class Training(Protocol):
    """What objectives may ask of the settings of a training."""

    @property
    def label_smoothing(self) -> float:
        """Of a classification."""

    @property
    def loss(self) -> Loss:
        """Of a regression."""

    @property
    def quantiles(self) -> Sequence[float]:
        """Of a regression with the loss of that name."""


class Objective(ABC):
    """What outputs (n, outputs) should be, given targets (n,) and weights (n,), all of one floating type.

    Attributes:
        kind: of task.
        outputs: how many a network has; 0 where the architecture decides.
        unit: by which a target was divided.
        uncertainties: names of the outputs behind the first, of a regression that says how uncertain it is.
    """

    kind: Kind
    outputs: int
    unit: float = 1.0
    uncertainties: Sequence[str] = ()

    @abstractmethod
    def loss(self, outputs: Tensor, target: Tensor, weight: Tensor, reduction: Reduction = "mean") -> Tensor:
        """Return the weighted losses (n,), their sum, or their mean over the rows."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What `measure` returns, the loss first."""
        return of_kind(self.kind)

    def measure(self, outputs: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Return the metrics of a split, float64, on the same device."""
        return torch.stack([METRICS.load(name).measure(self, outputs, target, weight) for name in self.metrics])

    def beside(self, measured: Mapping[str, float], split: str) -> float:
        """Return what the loss of a split has beside that of the main target, which `measured` has: none by default."""
        del measured, split
        return 0.0


def reduced(losses: Tensor, reduction: Reduction) -> Tensor:
    """Return losses as asked for."""
    if reduction == "none":
        return losses
    return losses.mean() if reduction == "mean" else losses.sum()


def chunks(*columns: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield the columns some rows at a time."""
    size = CHUNK[columns[0].device.type]
    yield from zip(*(torch.split(column, size) for column in columns), strict=True)
