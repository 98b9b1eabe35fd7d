"""What a network says of many rows, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot.networks.network import Network
from snakeroot.networks.portions import portion


@torch.no_grad()
def score(
    network: Network, rows: NDArray[np.float32], predictions: Callable[[Tensor], Tensor], *, every: bool = False
) -> NDArray[np.float64]:
    """Return the predictions (n, columns) for rows of the network's inputs (n, size).

    Args:
        every: make them of all outputs, and not of the main target's alone.
    """
    outputs = network.every if every else network
    # not all networks take no row at all, which a fold may have of a small sample without a class
    known = rows if len(rows) else np.zeros((1, rows.shape[1]), np.float32)
    parts = torch.split(torch.from_numpy(known), portion(rows.shape[1]))
    batches = [predictions(outputs(part.to(network.mean.device))).cpu() for part in parts]
    return torch.cat(batches).numpy()[: len(rows)]
