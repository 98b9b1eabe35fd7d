"""One layer: linear regression, or, as the loss takes outputs as logits, logistic and softmax regression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from snakeroot.networks.inputs import Input, size
from snakeroot.settings import Settings

if TYPE_CHECKING:
    from torch import nn

TAKES = ("scalar", "image", "sequence")
LEARNS = ("binary", "multiclass", "regression")


class Architecture(Settings):
    """It has no settings."""


def build(settings: Architecture, inputs: Sequence[Input], outputs: int) -> nn.Module:
    """Return a module from rows (n, size of the inputs) to (n, `outputs`)."""
    from torch import nn

    del settings
    return nn.Linear(size(inputs), outputs)
