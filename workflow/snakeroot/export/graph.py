"""What is exported of a model, as one torch module: features in, the columns of its predictions out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from snakeroot.networks.inputs import places
from snakeroot.networks.layers.boosted_trees import BoostedTrees
from snakeroot.networks.network import Network
from snakeroot.networks.objectives import SIGMA

FAR = 1e15
"""Standard deviations beyond which sums in single precision mean nothing any more."""

TREES, NUMBER = "ai.onnx.ml::TreeEnsemble", "number"
"""The operator for trees, and what it is told until it has them: which they are."""


class Graph(nn.Module):
    """The mean of a model's replicas, and their spread; of standard deviations, that of the replicas' mixture.

    A row in which a number is not finite, or more than `FAR` standard deviations from the mean, has NaN for all
    outputs: runtimes differ in what they make of such numbers. What may be missing, and is, is no such number.

    Args:
        networks: the replicas, whose inputs are the same.
        predictions: from their outputs to what is predicted, as an objective says.
    """

    def __init__(self, networks: Sequence[Network], predictions: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.networks = list(networks)
        self.replicas = nn.ModuleList(networks)
        self.inputs = networks[0].inputs
        self._predictions = predictions

    def forward(self, *blocks: Tensor) -> tuple[Tensor, ...]:
        """Map the inputs, each float32 (n, 1) or (n, *its shape), to float64 columns (n, 1).

        Of each thing that is predicted there is a column, and behind them, of several replicas, as many standard
        deviations.
        """
        rows = torch.cat([block.flatten(1) for block in blocks], dim=1)
        predicted = torch.stack([self._of(network, rows) for network in self.networks])  # (replicas, n, columns)
        mean = predicted.mean(0)
        columns = [mean]
        if len(self.networks) > 1:
            squares = (predicted - mean).square().sum(0)
            columns.append((squares / (len(self.networks) - 1)).sqrt())
            if self.networks[0].uncertainties == [SIGMA]:  # see snakeroot.predict.combine
                within, between = predicted[:, :, 1].square().mean(0), squares[:, 0] / len(self.networks)
                columns[0] = torch.stack([mean[:, 0], (within + between).sqrt()], dim=1)
        return tuple(column[:, place : place + 1] for column in columns for place in range(column.shape[1]))

    @torch.no_grad()
    def predicted(self) -> int:
        """Return how many things are predicted."""
        return len(self(*(torch.zeros(1, *(one.shape or (1,))) for one in self.inputs))) // min(len(self.networks), 2)

    def _of(self, network: Network, rows: Tensor) -> Tensor:
        scaled = network.scaled(rows)[:, : rows.shape[1]]
        near = scaled.abs() <= FAR
        if network.median is None and any(one.missing for one in network.inputs):
            allowed = torch.zeros(rows.shape[1], dtype=torch.bool)
            for place, one in zip(places(network.inputs), network.inputs, strict=True):
                allowed[place] = one.missing
            near = near | (scaled.isnan() & allowed)
        return torch.where(near.all(1, keepdim=True), self._predictions(network(rows)), torch.nan)


class Trees(nn.Module):
    """Stands for boosted trees while a graph is made: one node, whose attributes are filled in afterwards."""

    def __init__(self, trees: BoostedTrees, number: int) -> None:
        super().__init__()
        self.trees, self._number = trees, number

    def forward(self, rows: Tensor) -> Tensor:
        """Return what has the shape of the outputs (n, outputs), float64."""
        outputs = len(self.trees.baseline)
        attributes: dict[str, Any] = {"n_targets": outputs, NUMBER: self._number}
        return self.trees.baseline + torch.onnx.ops.symbolic(
            TREES, (rows,), attributes, dtype=torch.float64, shape=(rows.shape[0], outputs), version=5
        )
