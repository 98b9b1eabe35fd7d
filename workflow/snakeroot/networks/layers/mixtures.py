"""Principal components, k-means and Gaussian mixtures as tensors: each returns the loss of a row, and where it lies."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class PrincipalComponents(nn.Module):
    """A projection to the directions of largest variance."""

    centre: Tensor
    directions: Tensor

    def __init__(self, width: int, components: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width, dtype=torch.float64))
        self.register_buffer("directions", torch.zeros(components, width, dtype=torch.float64))

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, width) to (n, 1 + components): mean squared error of the projection, and coordinates."""
        away = rows - self.centre
        coordinates = away @ self.directions.T
        error = (away - coordinates @ self.directions).square().mean(1, keepdim=True)
        return torch.cat([error, coordinates], dim=1)


class Centres(nn.Module):
    """Clusters around centres."""

    centres: Tensor

    def __init__(self, width: int, clusters: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.zeros(clusters, width, dtype=torch.float64))

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, width) to (n, 1 + clusters): squared distance to the nearest centre, and 1 at that."""
        distances = torch.stack([(rows - centre).square().sum(1) for centre in self.centres], dim=1)
        nearest, which = distances.min(1, keepdim=True)
        return torch.cat([nearest, torch.zeros_like(distances).scatter_(1, which, 1.0)], dim=1)


class GaussianMixture(nn.Module):
    """A sum of Gaussians with covariances of their own.

    Attributes:
        share: float64 (clusters,), adding up to 1.
        centres: float64 (clusters, width).
        whitening: float64 (clusters, width, width): away from a centre times this is of unit covariance.
    """

    share: Tensor
    centres: Tensor
    whitening: Tensor

    def __init__(self, width: int, clusters: int) -> None:
        super().__init__()
        self.register_buffer("share", torch.full((clusters,), 1 / clusters, dtype=torch.float64))
        self.register_buffer("centres", torch.zeros(clusters, width, dtype=torch.float64))
        self.register_buffer("whitening", torch.eye(width, dtype=torch.float64).repeat(clusters, 1, 1))

    def forward(self, rows: Tensor) -> Tensor:
        """Map scaled rows (n, width) to (n, 1 + clusters): -log(density), and the probability of each cluster."""
        parts = []
        for share, centre, whitening in zip(self.share, self.centres, self.whitening, strict=True):
            distance = ((rows - centre) @ whitening).square().sum(1)
            scale = whitening.diagonal().log().sum() - 0.5 * len(centre) * math.log(2 * math.pi)
            parts.append(share.log() + scale - 0.5 * distance)
        density = torch.stack(parts, dim=1)
        return torch.cat([-density.logsumexp(1, keepdim=True), density.softmax(1)], dim=1)
