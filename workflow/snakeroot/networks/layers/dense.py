"""Dense layers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from snakeroot.networks.layers import Activation, Head

ACTIVATIONS: dict[Activation, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "leaky_relu": nn.LeakyReLU,
    "mish": nn.Mish,
    "relu": nn.ReLU,
    "selu": nn.SELU,
    "sigmoid": nn.Sigmoid,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "tanh": nn.Tanh,
}


def dense(width: int, hidden: Sequence[int], outputs: int, activation: Activation, dropout: float = 0.0) -> nn.Module:
    """Return layers from (n, `width`) to (n, `outputs`): after each hidden one an activation, and dropout."""
    layers: list[nn.Module] = []
    for units in hidden:
        layers += [nn.Linear(width, units), ACTIVATIONS[activation]()]
        if dropout:
            layers.append(nn.Dropout(dropout))
        width = units
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def head(width: int, settings: Head, outputs: int) -> nn.Module:
    """Return the dense layers of a network of others: from what these found (n, `width`) to (n, `outputs`)."""
    layers = dense(width, settings.hidden, outputs, settings.activation, settings.dropout)
    return nn.Sequential(nn.Dropout(settings.dropout), layers) if settings.dropout else layers
