"""`python -m snakeroot.predict`: the scores of one network on one split."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from snakeroot import devices, tables
from snakeroot import network as networks
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.network import Network, load
from snakeroot.predict.settings import PredictSettings
from snakeroot.rows import matrix, yields
from snakeroot.settings import ID

BATCH = 65_536
"""Rows scored at once: what bounds the memory."""


def predict(
    settings: PredictSettings,
    rows: Annotated[list[Path], "Parquet files of the split"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    weights: Annotated[Path, "safetensors file of the network"],
    facts: Annotated[Path, "JSON file of the network"],
    predictions: Annotated[Path, "Parquet file to write"],
    accelerator: Annotated[devices.Accelerator, "where to score; auto: on a GPU if there is one"],
    gpus: Annotated[int, "0: the CPU, else one GPU"],
) -> dict[str, Any]:
    """Score all rows of a split and keep who they are, what they should be and how much they weigh."""
    torch.set_num_threads(settings.threads)
    network = load(weights, facts)
    identity = [ID + name for name in settings.event_id]
    kept = [*identity, "sample", "part", "entry", "target"]
    table = tables.read_all(rows, [*kept, "weight", *network.inputs])
    with devices.claimed(accelerator, min(gpus, 1)) as own:
        device = networks.device(own, accelerator)
        scores = score(network.to(device), matrix(table, network.inputs))
    if not np.isfinite(scores).all():
        raise SnakerootError(f"{weights}: the network gives NaN for {int((~np.isfinite(scores)).sum())} rows")
    result = table.select(kept).append_column("weight", pa.array(yields(table, normalisation)))
    result = result.append_column("score", pa.array(scores))
    tables.write([result], result.schema, predictions)
    logging.info("%s: %d rows", predictions, result.num_rows)
    return devices.describe(own if device.type == "cuda" else [])


@torch.no_grad()
def score(network: Network, features: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the signal probability of each row, float64 so that scores next to 1 stay apart."""
    scores = np.empty(len(features))
    for first in range(0, len(features), BATCH):
        batch = slice(first, first + BATCH)
        logits = network(torch.from_numpy(features[batch]).to(network.mean.device)).squeeze(1)
        scores[batch] = torch.sigmoid(logits.double()).cpu().numpy()
    return scores


if __name__ == "__main__":
    main(predict)
