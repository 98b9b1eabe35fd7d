"""An exported model, opened to score rows."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from snakeroot.apply.description import KEY, Description, claimed, is_sealed
from snakeroot.errors import SnakerootError
from snakeroot.networks.portions import portion
from snakeroot.networks.rows import numbers
from snakeroot.settings import mistakes

Columns = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Model:
    """A file of ONNX, and what it says of itself."""

    path: Path
    description: Description
    session: Any

    def score(self, table: pa.Table, point: Sequence[float] = ()) -> Columns:
        """Return the outputs for rows of features, by name, each (rows,).

        Args:
            point: values of the physics parameters, if it is told any.
        """
        rows, given = table.num_rows, dict(zip(self.description.parameters, point, strict=True))
        blocks = {
            one.name: np.full((rows, 1), given[one.name], np.float32)
            if one.name in given
            else numbers(table[one.name]).reshape(-1, *(one.shape or (1,)))
            for one in self.description.inputs
        }
        return self.run(blocks, rows)

    def run(self, blocks: Mapping[str, NDArray[Any]], rows: int) -> Columns:
        """Return the outputs for so many rows of inputs, float32 (rows, 1) or (rows, *the input's shape), by name."""
        size = portion(sum(math.prod(block.shape[1:]) for block in blocks.values()))
        batches = [
            self.session.run(None, {name: block[first : first + size] for name, block in blocks.items()})
            for first in range(0, max(rows, 1), size)
        ]
        outputs = (np.concatenate(parts)[:, 0] for parts in zip(*batches, strict=True))
        return dict(zip(self.description.outputs, outputs, strict=True))


def session(content: bytes, threads: int) -> Any:
    """Return a session of ONNX Runtime on the CPU.

    Raises:
        SnakerootError: if the bytes are no model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a class of its own for each kind of failure
        raise SnakerootError(f"not a model of ONNX that can be run ({str(error).splitlines()[0][:300]})") from error


def load(path: Path, threads: int = 1) -> Model:
    """Open an exported model.

    Raises:
        SnakerootError: if there is none, or it is not as it was exported.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnakerootError(f"{path}: cannot be read ({error.strerror})") from error
    if claimed(content) and not is_sealed(content):  # before compiled code decodes it
        raise SnakerootError(f"{path}: it is not as it was exported: edited by hand, or damaged; export it again")
    try:
        opened = session(content, threads)
    except SnakerootError as error:
        raise SnakerootError(f"{path}: {error}; export it again") from error
    known = opened.get_modelmeta().custom_metadata_map
    if KEY not in known:
        raise SnakerootError(f"{path}: a model that this program did not export: it does not say how to read ntuples")
    try:
        description = Description.model_validate(json.loads(known[KEY]))
    except ValidationError as error:
        said = "; ".join(map(str, mistakes(error)))
        raise SnakerootError(f"{path}: of another version of Snakeroot ({said}); export it again") from error
    return Model(path, description, opened)


def load_all(paths: Sequence[Path], threads: int = 1) -> list[Model]:
    """Open the models of all folds, in their order; without folds there is one.

    Raises:
        SnakerootError: if they are not those of one model.
    """
    models = sorted((load(path, threads) for path in paths), key=lambda model: model.description.fold)
    first, folds = models[0], models[0].description.split.folds
    for model in models[1:]:
        same = {"fold": 0, "networks": []}
        if model.description.model_copy(update=same) != first.description.model_copy(update=same):
            raise SnakerootError(f"{model.path}: of another model than {first.path}; name the folds of one model")
    if [model.description.fold for model in models] != list(range(folds)):
        given = ", ".join(f"{model.description.fold} ({model.path})" for model in models)
        raise SnakerootError(
            f"{first.path}: of a model with {folds} folds, and these were given: {given}. Name each once: an event is "
            "scored by the fold that has not seen it"
        )
    return models
