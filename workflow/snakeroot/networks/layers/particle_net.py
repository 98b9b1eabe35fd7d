"""The layers of ParticleNet, after Qu and Gouskos, arXiv:1902.08570, section 3."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm, embedding

from snakeroot.networks.layers import Activation
from snakeroot.networks.layers.dense import ACTIVATIONS
from snakeroot.networks.layers.joined import Encoder
from snakeroot.networks.layers.particles import Present

FADE = 0.1
"""A neighbour whose squared distance is within this share of that of the first that is none counts less."""

SAME = 1e-6
"""Squared distances far below this share of the largest square of a row are none: that of rounding is not seen."""

NOWHERE = 1e30
"""Squared distance to a particle itself and to padding: exporters write constants in single precision."""


class Edges(NamedTuple):
    """Each particle's edges to its nearest neighbours, all `length` places of one particle after the other's.

    Attributes:
        centres: for each edge the number of its particle, among those that are present.
        others: for each edge the number of the neighbour.
        places: for each edge where it is, among all places; None: each place has one.
        shares: how much each place counts for its particle, (particles, places); 0 where there is no neighbour.
    """

    centres: Tensor
    others: Tensor
    places: Tensor | None
    shares: Tensor

    def mean(self, messages: Tensor) -> Tensor:
        """Return the mean over a particle's edges of their messages (edges, units): (particles, units)."""
        units = messages.shape[1]
        if self.places is not None:
            messages = messages.new_zeros(self.shares.numel(), units).index_copy(0, self.places, messages)
        return (messages.view(*self.shares.shape, units) * self.shares[..., None].to(messages.dtype)).sum(1)


def nearest(points: Tensor, mask: Tensor, number: int) -> tuple[Tensor, Tensor]:
    """Return for each of the points (n, length, coordinates) its nearest ones and how much each of them counts.

    Were they simply the `number` nearest, then the score would depend, where two are equally far, on the order of the
    particles, and, where they nearly are, on how sums are rounded: here, in a batch of another size, in ONNX Runtime.
    So neighbours that are, within `FADE`, as far as the first that is none fade out, down to 0: scores are continuous,
    and ties are no matter of chance. All others count alike. There is no gradient through the choice, as in the paper.
    Distances are in double precision, as they are differences of sums.

    Args:
        mask: bool (n, length), where there is one.

    Returns:
        Numbers of the nearest, among the positions of their row, and shares of which a row's sum is at most 1: both
        (n, length, neighbours), with as many neighbours as `number`, or as there are others. Of positions without a
        particle they mean nothing.
    """
    points = points.detach().double()
    squares = points.square().sum(2)
    distances = squares[:, :, None] + squares[:, None] - 2 * points @ points.transpose(1, 2)
    length = mask.shape[1]
    itself = torch.eye(length, dtype=torch.bool, device=mask.device)
    distances = torch.where(mask[:, None] & ~itself, distances.clamp(min=0), NOWHERE)
    distances, numbers = distances.topk(min(number + 1, length), dim=2, largest=False)
    beyond = distances[..., -1:]
    fading = FADE * beyond + SAME * squares.amax(1)[:, None, None]
    weights = ((beyond - distances[..., :-1]) / fading.clamp(min=1e-30)).clamp(max=1)
    return numbers[..., :-1], weights / weights.sum(2, keepdim=True).clamp(min=1)


def edges(points: Tensor, present: Present, number: int) -> Edges:
    """Return the edges of particles at these points (n, length, coordinates)."""
    numbers, shares = nearest(points, present.mask, number)
    rows, length, neighbours = numbers.shape
    others = (numbers + length * torch.arange(rows, device=numbers.device)[:, None, None]).flatten(0, 1)
    shares = shares.flatten(0, 1)
    if present.places is None:
        centres = torch.arange(rows * length, device=numbers.device)[:, None].expand(-1, neighbours)
        return Edges(centres.flatten(), others.flatten(), None, shares)
    rank = present.mask.flatten().cumsum(0) - 1  # the number of a particle among those that are present
    others, shares = others.index_select(0, present.places), shares.index_select(0, present.places)
    known = present.mask.flatten()[others]
    centres, places = known.nonzero(as_tuple=True)
    return Edges(centres, rank[others[known]], centres * neighbours + places, shares)


class Normalised(nn.BatchNorm1d):
    """Batch normalisation of what is there, (n, units): padding is in neither mean nor deviation.

    A batch of less than two has no deviation, and is normalised as when the network is scored.
    """

    def forward(self, values: Tensor) -> Tensor:
        """Normalise, and in training keep the running averages."""
        if self.training and len(values) > 1:
            return super().forward(values)
        return batch_norm(values, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, self.eps)


class EdgeConvolution(nn.Module):
    """A message from each neighbour, h(x_i, x_j - x_i), their mean, and a shortcut beside it: figure 1 of the paper.

    h are dense layers, each with batch normalisation and an activation. The first one is linear in x_i and x_j - x_i,
    so it is computed for each particle and not for each edge.
    """

    def __init__(self, channels: int, units: Sequence[int], activation: Activation) -> None:
        super().__init__()
        self.own, self.difference = (nn.Linear(channels, units[0], bias=False) for _ in range(2))
        self.further = nn.ModuleList(nn.Linear(*pair, bias=False) for pair in pairwise(units))
        self.norms = nn.ModuleList(Normalised(number) for number in units)
        self.shortcut = nn.Sequential(nn.Linear(channels, units[-1], bias=False), Normalised(units[-1]))
        self.activation = ACTIVATIONS[activation]()

    def forward(self, particles: Tensor, edges: Edges) -> Tensor:
        """Map particles (particles, channels) to (particles, the last of the units)."""
        difference = self.difference(particles)
        messages = embedding(edges.centres, self.own(particles) - difference) + embedding(edges.others, difference)
        first, *norms = self.norms
        messages = self.activation(first(messages))
        for layer, norm in zip(self.further, norms, strict=True):
            messages = self.activation(norm(layer(messages)))
        found: Tensor = self.activation(edges.mean(messages) + self.shortcut(particles))
        return found


class ParticleNet(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to the mean over the particles, (n, units).

    The neighbours of the first edge convolution are the nearest in the coordinates, those of the others the nearest in
    what the one before has found: a dynamic graph. There is no order, and padding is neither a neighbour nor in a mean;
    in the authors' code it is both. A row without any particle counts as zeros.

    Args:
        coordinates: places of the channels that say where a particle is.
        neighbours: of each particle.
        blocks: for each edge convolution the units of its layers.
    """

    def __init__(
        self,
        channels: int,
        coordinates: Sequence[int],
        neighbours: int,
        blocks: Sequence[Sequence[int]],
        activation: Activation,
    ) -> None:
        super().__init__()
        self.width = blocks[-1][-1]
        self.coordinates, self.neighbours = list(coordinates), neighbours
        self.norm = Normalised(channels)
        ends = [channels, *(units[-1] for units in blocks)]
        self.convolutions = nn.ModuleList(
            EdgeConvolution(width, units, activation) for width, units in zip(ends, blocks, strict=False)
        )

    def forward(self, block: Tensor) -> Tensor:
        """Pass messages between neighbours, block after block, and average."""
        present = Present(block)
        particles = self.norm(present.channels)
        points = present.spread(present.channels[:, self.coordinates])
        for number, convolution in enumerate(self.convolutions):
            if number:
                points = present.spread(particles)
            particles = convolution(particles, edges(points, present, self.neighbours))
        return present.spread(particles).sum(1) / present.mask.sum(1, keepdim=True).clamp(min=1)
