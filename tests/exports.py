"""Models of random weights, exported by the stage itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networks
import numpy as np
import pyarrow as pa
import torch
from helpers import features_settings, run_features
from snakeroot.apply.description import Description, Origin, Reading
from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.export.__main__ import export
from snakeroot.export.settings import ExportSettings
from snakeroot.features.settings import FeaturesSettings
from snakeroot.networks import weights
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import Network
from snakeroot.split.settings import Fractions


def trained(folder: Path, inputs: list[Input], number: int, hidden: list[int]) -> tuple[Path, Path]:
    """Write a network of random weights as a training does."""
    torch.manual_seed(number)
    network = Network(networks.make("mlp", inputs, hidden=hidden), inputs)
    paths = folder / f"{number}.safetensors", folder / f"{number}.json"
    digest = weights.save({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, paths[0])
    known = {"architecture": "mlp", "settings": {"hidden": hidden}, "outputs": 1, "weights": digest}
    write_json(known | {"inputs": [one.model_dump(mode="json") for one in inputs]}, paths[1])
    return paths


def exported(
    folder: Path,
    ntuple: Path,
    *,
    folds: int = 1,
    replicas: int = 1,
    readings: dict[str, Any] | None = None,
    hidden: list[int] | None = None,
    inputs: list[Input] | None = None,
    described: dict[str, Any] | None = None,
    **changed: Any,
) -> tuple[list[Path], FeaturesSettings]:
    """Export a model of each fold, by the stage itself; inputs that no ntuple has are 1 in the rows to compare on."""
    table, _ = run_features(ntuple, **{key: value for key, value in changed.items() if key != "tree"})
    for one in inputs or []:
        if one.name not in table.column_names:
            table = table.append_column(one.name, pa.array(np.ones(table.num_rows, np.float32)))
    rows = folder / "rows.parquet"
    tables.write([table], table.schema, rows)
    settings = features_settings(**changed, target=None)
    inputs = inputs or list(settings.inputs.values())
    reading = {"tree": "events", "aliases": {}, "selection": settings.selection}
    paths = []
    for fold in range(folds):
        files = [trained(folder, inputs, fold * replicas + replica, hidden or [5]) for replica in range(replicas)]
        description = Description(
            task="mine",
            model="net",
            kind="binary",
            classes=["background", "signal"],
            inputs=inputs,
            features=settings,
            samples={name: Reading(**reading | given) for name, given in (readings or {"any": {}}).items()},
            split=Fractions(folds=folds),
            group=settings.event_id,
            fold=fold,
            networks=[Origin(spec="s", code="c", packages={"torch": "1"})] * replicas,
            **(described or {}),
        )
        paths.append(folder / f"model-fold{fold}.onnx")
        export(ExportSettings(description=description), *map(list, zip(*files, strict=True)), [], [rows], paths[-1])
    return paths, settings
