"""What a training leaves: the network, its metadata and its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from torch import Tensor

from snakeroot.data import tables
from snakeroot.data.files import atomic, finite, remove, write_json
from snakeroot.networks import weights
from snakeroot.networks.network import Network
from snakeroot.networks.objectives._objective import Objective
from snakeroot.train.initial import Begun
from snakeroot.train.settings import TrainSettings
from snakeroot.train.setup import Files


class Result(NamedTuple):
    """A training that has ended.

    Attributes:
        weights: of the best epoch, by name, scaling included.
        history: a row of numbers for each epoch.
        ended: why.
        begun: what it has from the network that it began with, if it did.
    """

    network: Network
    objective: Objective
    weights: Mapping[str, Tensor]
    history: list[dict[str, float]]
    best_epoch: int
    ended: str
    begun: Begun | None = None


def write(result: Result, settings: TrainSettings, files: Files) -> None:
    """Write the network, its metadata and its history, and remove the checkpoint."""
    with atomic(files.weights, files.metadata, files.history) as [weights_part, metadata_part, history_part]:
        tensors = {name: tensor.cpu().contiguous() for name, tensor in result.weights.items()}
        digest = weights.save(tensors, weights_part)
        write_json(describe(result, settings) | {"weights": digest}, metadata_part)
        rows = result.history
        table = pa.table({name: column([row[name] for row in rows], name) for name in rows[0]})
        tables.write([table], table.schema, history_part)
    remove(files.checkpoint)


def column(values: list[float], name: str) -> pa.Array:
    """Return a column of the history. From a buffer: pa.array() imports pandas, a quarter of a second."""
    kind = np.int32 if name == "epoch" else np.float64
    return pa.Array.from_buffers(pa.from_numpy_dtype(kind), len(values), [None, pa.py_buffer(np.array(values, kind))])


def describe(result: Result, settings: TrainSettings) -> dict[str, Any]:
    """Return what is needed to build the network again, and how it came about; no time, no host and no device.

    A metric that is not a number, as r² of a validation split of one event, is None.
    """
    best = result.history[result.best_epoch - 1]
    return {
        **described(settings),
        **_began(result, settings),
        **({"indicators": result.network.indicators} if result.network.indicators else {}),
        **({"uncertainties": result.network.uncertainties} if result.network.uncertainties else {}),
        "outputs": result.objective.outputs,
        "parameters": parameters(result.network),
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "ended": result.ended,
        "validation": finite({name: best[f"validation_{name}"] for name in result.objective.metrics}),
    }


def _began(result: Result, settings: TrainSettings) -> dict[str, Any]:
    """Return what the network began with, if it did."""
    if result.begun is None or settings.initial is None:
        return {}
    return {"initial": settings.initial.model_dump(mode="json") | result.begun.record()}


def described(settings: TrainSettings) -> dict[str, Any]:
    """Return the settings of the whole training, whichever part of it this is."""
    return settings.model_dump(mode="json", exclude={"until"})


def parameters(network: Network) -> int:
    """Return how many numbers were trained; of what is fitted without gradients, how many it consists of."""
    trained = sum(parameter.numel() for parameter in network.parameters())
    return trained or sum(buffer.numel() for buffer in network.layers.buffers() if buffer.is_floating_point())
