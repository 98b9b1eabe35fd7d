"""`python -m snakeroot.predict`: the scores of one network on its splits, for which torch is imported once."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot.data import points, tables
from snakeroot.data.identity import event_hash
from snakeroot.errors import SnakerootError
from snakeroot.jobs import devices
from snakeroot.jobs.command import main
from snakeroot.networks import heads
from snakeroot.networks import network as networks
from snakeroot.networks.inputs import places
from snakeroot.networks.network import Network, load
from snakeroot.networks.objectives import OBJECTIVES, columns
from snakeroot.networks.rows import matrix, yields
from snakeroot.networks.scoring import score
from snakeroot.predict.settings import PredictSettings
from snakeroot.settings import ID

Rows = NDArray[np.float32]


def predict(
    settings: PredictSettings,
    train: Annotated[list[Path], "Parquet files of the train split, or none"],
    validation: Annotated[list[Path], "of the validation split, or none"],
    test: Annotated[list[Path], "of the test split, or none"],
    unlabelled: Annotated[list[Path], "of samples without a class, or none"],
    normalisation: Annotated[Path, "JSON with the factor of each sample"],
    weights: Annotated[Path, "safetensors file of the network"],
    metadata: Annotated[Path, "JSON file of the network"],
    calibration: Annotated[list[Path], "JSON file of what makes probabilities of its scores, or none"],
    predictions: Annotated[list[Path], "Parquet file to write of each split whose rows are given"],
    accelerator: Annotated[devices.Accelerator, "where to score; auto: on a GPU if there is one"],
    gpus: Annotated[int, "0: the CPU, else one GPU"],
) -> dict[str, Any]:
    """Score all rows of some splits and keep who they are, what they should be and how much they weigh."""
    torch.set_num_threads(settings.threads)
    network = load(weights, metadata, *calibration)
    splits = [files for files in (train, validation, test, unlabelled) if files]
    with devices.claimed(accelerator, min(gpus, 1)) as own:
        device = networks.device(own, accelerator)
        network.to(device)
        for files, path in zip(splits, predictions, strict=True):
            parts = scored(settings, network, files, normalisation, f"{weights}: of {path.stem}")
            first = next(parts)
            with tables.writer(first.schema, path) as add:
                rows = 0
                for part in itertools.chain([first], parts):
                    add(part)
                    rows += part.num_rows
            logging.info("%s: %d rows", path, rows)
    return devices.describe(own if device.type == "cuda" else [])


def scored(
    settings: PredictSettings, network: Network, rows: list[Path], normalisation: Path, where: str
) -> Iterator[pa.Table]:
    """Yield the predictions of one split, so many rows at once as a row group may have.

    Args:
        where: how a message begins: with the network and the split.

    Raises:
        SnakerootError: in the end, if the network gives NaN.
    """
    kind = OBJECTIVES.load(settings.kind)
    identity = [ID + name for name in settings.event_id]
    of_objects = "object" in tables.open_parquet(rows[0]).schema_arrow.names
    of_others = [one.target for one in settings.others]
    of_event = [*identity, "sample", "part", "entry", *(["object"] if of_objects else [])]
    kept = [*of_event, "target", *settings.parameters, *of_others]
    undefined = 0
    columns = dict.fromkeys([*kept, "weight", *(one.name for one in network.inputs)])
    for table in tables.stream(rows, list(columns)):
        names, scores = of_rows(settings, network, matrix(table, network.inputs), kind.predictions)
        undefined += int((~np.isfinite(scores)).any(1).sum())
        result = table.select(kept)
        if settings.group:
            group = event_hash(table, settings.group).view(np.int64)
            result = result.add_column(len(identity), "group", pa.array(group))
        result = result.append_column("weight", pa.array(yields(table, normalisation)))
        for name, values in zip(names, scores.T, strict=True):
            result = result.append_column(name, pa.array(values))
        yield result
    if undefined:
        raise SnakerootError(f"{where}: the network gives NaN for {undefined} rows")


def of_rows(
    settings: PredictSettings, network: Network, rows: Rows, predictions: Callable[[Tensor], Tensor]
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the columns of what is predicted, with their names: of the rows as they are and, where a network is told
    the parameters, at each point, whatever the rows' own values; what it has learned beside that comes last.
    """
    others = settings.others
    every = score(network, rows, heads.predictions(predictions, others), every=True)
    main = every.shape[1] - len(others)
    scores, beside = [every[:, :main]], every[:, main:]
    names = columns(settings.kind, settings.classes, main - 1, network.uncertainties)
    known, own = settings.parameters, list(names)
    if set(known) & {one.name for one in network.inputs}:
        of_inputs = zip(network.inputs, places(network.inputs), strict=True)
        where = {one.name: place.start for one, place in of_inputs if one.name in known}
        for point in settings.points:
            rows[:, [where[name] for name in known]] = point
            scores.append(score(network, rows, predictions))
            names += [points.at(name, known, point) for name in own]
    return [*names, *(one.predicted for one in others)], np.concatenate([*scores, beside], axis=1)


if __name__ == "__main__":
    main(predict)
