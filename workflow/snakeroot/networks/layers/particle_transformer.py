"""The layers of the particle transformer, after Qu, Li and Qian, arXiv:2202.03772, section 4 and figure 3."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from snakeroot.networks.layers.joined import Encoder

NEAREST = 1e-3
"""Distances below it count as this one: a particle has none to itself, and the logarithm is taken."""

IGNORED = -1e4
"""What is added for a position that is masked: of a softmax exactly 0 is left, in 16 bits, too."""


class Attention(nn.Module):
    """Softmax(Q Kᵀ / √d + bias) V of several heads of d units: written out, for on GPUs torch's sums in any order."""

    def __init__(self, units: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(units, units) for _ in range(4))

    def forward(self, queries: Tensor, keys: Tensor, bias: Tensor) -> Tensor:
        """Map queries (n, q, units), keys (n, k, units) and a bias that fits (n, heads, q, k) to (n, q, units)."""
        query, key, value = (
            layer(given).view(*given.shape[:2], self.heads, -1).transpose(1, 2)
            for layer, given in ((self.query, queries), (self.key, keys), (self.value, keys))
        )
        weights = (query * query.shape[-1] ** -0.5) @ key.transpose(2, 3) + bias
        attended: Tensor = self.out((weights.softmax(3) @ value).transpose(1, 2).flatten(2))
        return attended


class Layer(nn.Module):
    """Attention, then two dense layers for each token, each added to what there was, normalised before and within."""

    def __init__(self, units: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before, self.attention, self.after = nn.LayerNorm(units), Attention(units, heads), nn.LayerNorm(units)
        self.dense = nn.Sequential(
            nn.LayerNorm(units),
            nn.Linear(units, 4 * units),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.LayerNorm(4 * units),
            nn.Linear(4 * units, units),
            nn.Dropout(dropout),
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, number: int, bias: Tensor) -> Tensor:
        """Return the first `number` of tokens (n, k, units) after they attended to all: (n, number, units)."""
        known = self.before(tokens)
        attended = self.after(self.attention(known[:, :number], known, bias))
        updated: Tensor = tokens[:, :number] + self.dropout(attended)
        changed: Tensor = self.dense(updated)
        return updated + changed


class ParticleTransformer(Encoder):
    """Blocks (n, channels + 1, length), the last channel the mask, to what the class token found (n, units).

    The features of a pair are ln Δ, with Δ the distance in the coordinates, and of the logarithms of both momenta the
    smaller and the larger one. The paper has ln Δ, ln k_T, ln z and ln m²; up to a factor and a shift in each channel,
    from the scaling, ln k_T and (of massless particles at small angles) ln m² are sums of ours, and ln z is a function
    of the difference, so a dense layer can make them. All layers take the same bias, as in the paper.

    There is no order: permuted particles give the same. Nor does it matter how far a sequence is padded, or where.
    """

    def __init__(
        self,
        channels: int,
        coordinates: Sequence[int],
        momentum: int | None,
        *,
        layers: int,
        class_layers: int,
        units: int,
        heads: int,
        pair_units: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.width = units
        self.coordinates, self.momentum = list(coordinates), momentum
        self.embed = nn.Sequential(
            nn.Linear(channels, 4 * units), nn.GELU(), nn.LayerNorm(4 * units), nn.Linear(4 * units, units)
        )
        pair_features = 1 if momentum is None else 3
        self.pairs = nn.Sequential(nn.Linear(pair_features, pair_units), nn.GELU(), nn.Linear(pair_units, heads))
        self.particle_layers = nn.ModuleList(Layer(units, heads, dropout) for _ in range(layers))
        self.token = nn.Parameter(torch.randn(units) * 0.02)
        self.class_layers = nn.ModuleList(Layer(units, heads, 0.0) for _ in range(class_layers))  # as in the paper
        self.norm = nn.LayerNorm(units)

    def forward(self, block: Tensor) -> Tensor:
        """Let the particles attend to each other, and then the token to itself and to them."""
        if not torch.compiler.is_exporting():  # an exported graph has one length, whatever its rows are
            block = block[:, :, : last(block[:, -1])]
        block = block.transpose(1, 2)
        channels, mask = block[..., :-1], block[..., -1] > 0
        bias, particles = self.bias(channels, mask), self.embed(channels)
        for layer in self.particle_layers:
            particles = layer(particles, particles.shape[1], bias)
        token = self.token.expand(block.shape[0], 1, -1)
        ignored = nn.functional.pad(torch.where(mask, 0.0, IGNORED), (1, 0))[:, None, None]
        for layer in self.class_layers:
            token = layer(torch.cat([token, particles], dim=1), 1, ignored)
        embedding: Tensor = self.norm(token[:, 0])
        return embedding

    def bias(self, channels: Tensor, mask: Tensor) -> Tensor:
        """Return for each head and pair what is added to the logarithm of its weight: (n, heads, length, length).

        Computed once for (a, b) and (b, a), and not for padding: of a typical batch, a fifth of all pairs. A graph that
        is exported computes all of them: how many there are must not depend on its rows.
        """
        both = mask[:, :, None] & mask[:, None]
        if torch.compiler.is_exporting():
            of_all = self.pairs(self.pair_features(channels[:, :, None], channels[:, None]))
            return torch.where(both[..., None], of_all, IGNORED).permute(0, 3, 1, 2)
        rows, one, other = both.triu().nonzero(as_tuple=True)
        of_pairs = self.pairs(self.pair_features(channels[rows, one], channels[rows, other]))
        bias: Tensor = of_pairs.new_full((*both.shape, of_pairs.shape[1]), IGNORED)
        bias[rows, one, other] = of_pairs
        bias[rows, other, one] = of_pairs
        return bias.permute(0, 3, 1, 2)

    def pair_features(self, one: Tensor, other: Tensor) -> Tensor:
        """Map the channels of one and of the other particle of each pair (…, channels) to (…, features)."""
        distance = (one - other)[..., self.coordinates].square().sum(-1)
        features = [distance.clamp(min=NEAREST**2).log() / 2]
        if self.momentum is not None:
            momenta = one[..., self.momentum], other[..., self.momentum]
            features += [torch.minimum(*momenta), torch.maximum(*momenta)]
        return torch.stack(features, dim=-1)


def last(mask: Tensor) -> int:
    """Return after how many positions the mask (n, length) is 0 in all rows; at least 1."""
    return int((1 + mask.any(0).nonzero()).amax()) if mask.any() else 1
