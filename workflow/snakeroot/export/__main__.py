"""`python -m snakeroot.export`: the networks of a model, or of one of its folds, as one ONNX file."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray

from snakeroot.apply.description import KEY, SEAL, UNSEALED, Description, seal
from snakeroot.apply.model import session
from snakeroot.data import tables
from snakeroot.data.files import atomic, read_json, to_json
from snakeroot.errors import SnakerootError
from snakeroot.export import parity
from snakeroot.export.graph import Graph
from snakeroot.export.make import make
from snakeroot.export.settings import ExportSettings
from snakeroot.jobs.command import main
from snakeroot.networks.network import load
from snakeroot.networks.objectives import OBJECTIVES, columns
from snakeroot.networks.rows import matrix

ROWS = 1000
"""Rows of each file with which the export is compared, at most."""


def export(
    settings: ExportSettings,
    weights: Annotated[list[Path], "safetensors files of the replicas"],
    metadata: Annotated[list[Path], "their JSON files"],
    calibrations: Annotated[list[Path], "what makes probabilities of their scores (JSON), or none"],
    rows: Annotated[list[Path], "Parquet files with rows to compare the two on"],
    model: Annotated[Path, "ONNX file to write"],
) -> None:
    """Export the mean of the replicas, and compare it with torch's."""
    torch.set_num_threads(settings.threads)
    graph = _graph(settings.description, weights, metadata, calibrations or [None] * len(weights))
    described = _described(settings.description, graph, metadata)
    try:
        made = make(graph, described.outputs)
        for key, text in ((KEY, to_json(described.model_dump(mode="json"))), (SEAL, UNSEALED)):
            made.metadata_props.add(key=key, value=text)
        content = seal(made.SerializeToString(deterministic=True))
        known = np.concatenate([_first_rows(path, graph) for path in rows])
        largest = parity.check(graph, session(content, settings.threads), known)
    except SnakerootError as error:
        raise SnakerootError(f"{model}: {error}") from error
    with atomic(model) as [part]:
        part.write_bytes(content)
    logging.info("%s: differs from torch by %.1g at most, on %d rows and on extremes", model, largest, len(known))


def _graph(
    description: Description, weights: list[Path], metadata: list[Path], calibrations: Sequence[Path | None]
) -> Graph:
    networks = [load(*files) for files in zip(weights, metadata, calibrations, strict=True)]
    for network, path in zip(networks, weights, strict=True):
        if network.inputs != description.inputs:
            raise SnakerootError(f"{path}: its inputs are not those of this task; delete it and run again")
    return Graph(networks, OBJECTIVES.load(description.kind).predictions).eval()


def _first_rows(path: Path, graph: Graph) -> NDArray[np.float32]:
    """Return what the graph takes of a file's first rows, side by side."""
    names = [one.name for one in graph.inputs]
    with tables.open_parquet(path) as file:
        table = file.read_row_group(0, names) if file.num_row_groups else file.read(names)
    return matrix(table.slice(0, ROWS), graph.inputs)


def _described(description: Description, graph: Graph, metadata: list[Path]) -> Description:
    """Return the description with what only the networks know."""
    predicted = columns(description.kind, description.classes, graph.predicted() - 1, graph.networks[0].uncertainties)
    spreads = [f"{name}_spread" for name in predicted] if len(graph.networks) > 1 else []
    origins = [
        one.model_copy(update={"weights": read_json(path)["weights"]})
        for one, path in zip(description.networks, metadata, strict=True)
    ]
    return description.model_copy(update={"outputs": list(itertools.chain(predicted, spreads)), "networks": origins})


if __name__ == "__main__":
    main(export)
