"""A network with its scaling inside, so that it takes features as they are; made from, and kept as, plain files."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from snakeroot.architectures import ARCHITECTURES
from snakeroot.devices import Accelerator
from snakeroot.errors import SnakerootError
from snakeroot.files import read_json


class Network(nn.Module):
    """Scaled features through an architecture's layers.

    Attributes:
        inputs: names of the features, in the order of the columns that `forward` takes.
        layers: from scaled features to logits; all that is trained.
    """

    mean: Tensor
    standard_deviation: Tensor

    def __init__(self, layers: nn.Module, inputs: Sequence[str]) -> None:
        super().__init__()
        self.inputs = list(inputs)
        self.layers = layers
        self.register_buffer("mean", torch.zeros(len(inputs)))
        self.register_buffer("standard_deviation", torch.ones(len(inputs)))

    def forward(self, features: Tensor) -> Tensor:
        """Map raw features (n, inputs) to logits (n, outputs), in the precision of the weights."""
        logits: Tensor = self.layers(self.scaled(features))
        return logits

    def scaled(self, features: Tensor) -> Tensor:
        """Return raw features (n, inputs) as the layers take them: what a training does once for all epochs."""
        return (features.to(self.mean.dtype) - self.mean) / self.standard_deviation


def device(own: Sequence[str], accelerator: Accelerator) -> torch.device:
    """Return where a network runs, given the GPUs that the job has claimed.

    Raises:
        SnakerootError: if it must be a GPU, and this torch cannot use it.
    """
    if own and not torch.cuda.is_available():
        problem = f"torch {torch.__version__} cannot use this machine's GPU: install its CUDA build, or a newer driver"
        if accelerator == "cuda":
            raise SnakerootError(f"accelerator: cuda, but {problem}")
        logging.warning("%s; running on the CPU", problem)
        return torch.device("cpu")
    return torch.device("cuda" if own else "cpu")


def build(architecture: str, settings: Mapping[str, Any], inputs: Sequence[str]) -> Network:
    """Return a new network with one output, initialised from torch's global random state."""
    module = ARCHITECTURES.load(architecture)
    return Network(module.build(module.Architecture(**settings), len(inputs), 1), inputs)


def scale(network: Network, scaling: Mapping[str, Mapping[str, float]]) -> None:
    """Put a fitted scaling into the network."""
    for buffer, key in ((network.mean, "mean"), (network.standard_deviation, "standard_deviation")):
        buffer.copy_(torch.tensor([scaling[name][key] for name in network.inputs], dtype=torch.float64))


def load(weights: Path, facts: Path) -> Network:
    """Return a trained network on the CPU, ready to score: evaluation mode, dropout off.

    Raises:
        SnakerootError: if the files do not belong together or are damaged.
    """
    known = read_json(facts)
    network = build(known["architecture"], known["settings"], known["inputs"])
    try:
        tensors = load_file(weights)
        network.to(tensors["mean"].dtype).load_state_dict(tensors)
    except (OSError, KeyError, RuntimeError, SafetensorError) as error:
        raise SnakerootError(f"{weights}: not the weights of {facts} ({error}); delete it and run again") from error
    return network.eval()
