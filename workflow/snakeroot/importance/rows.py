"""Rows of the test split with which a model is looked at, each beside the model of the fold that has not seen it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.apply.model import Model
from snakeroot.data import tables
from snakeroot.data.identity import event_hash
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.choice import choose
from snakeroot.evaluate.resampling import Floats, Integers
from snakeroot.networks.objectives import columns
from snakeroot.networks.rows import numbers, yields
from snakeroot.settings import ID

Blocks = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Rows:
    """Some rows, fold by fold.

    Attributes:
        models: of the folds.
        ends: where the rows of each fold end.
        blocks: inputs by name, float32 (n, 1) or (n, *the input's shape).
        target, weight: (n,).
        event: number of the event, or group, that a row is of, (n,).
    """

    models: Sequence[Model]
    ends: Sequence[int]
    blocks: Blocks
    target: NDArray[Any]
    weight: Floats
    event: Integers

    def some(self, chosen: NDArray[np.intp]) -> Rows:
        """Return some of the rows, whose numbers ascend."""
        return replace(
            self,
            ends=np.searchsorted(chosen, self.ends).tolist(),
            blocks={name: block[chosen] for name, block in self.blocks.items()},
            target=self.target[chosen],
            weight=self.weight[chosen],
            event=self.event[chosen],
        )

    def predicted(self, blocks: Blocks) -> Floats:
        """Return what the models predict from these blocks, (n, columns)."""
        about = self.models[0].description
        names = columns(about.kind, about.classes)
        parts = []
        for model, first, end in zip(self.models, [0, *self.ends], self.ends, strict=False):
            scored = model.run({name: block[first:end] for name, block in blocks.items()}, end - first)
            parts.append(np.stack([scored[name][: end - first] for name in names], axis=1))
        return np.concatenate(parts)


def read(
    models: Sequence[Model], files: Sequence[Path], normalisation: Path, group: Sequence[str], most: int, seed: int
) -> Rows:
    """Read rows of the test splits of all folds, whose files follow one another.

    Raises:
        SnakerootError: if there is none.
    """
    about = models[0].description
    targets = [numbers(tables.read(path, ["target"])["target"]) for path in files]
    every = np.concatenate(targets)
    if not len(every):
        raise SnakerootError(f"{files[0].parent}: there is no row in the test split")
    chosen = choose(every, most, seed, classes=bool(about.classes))
    names = [*(one.name for one in about.inputs), "sample", "weight", "target", *(ID + name for name in group)]
    starts = np.cumsum([0, *map(len, targets)])
    picked = []
    for path, first, end in zip(files, starts, starts[1:], strict=False):
        own = chosen[(chosen >= first) & (chosen < end)] - first
        picked.append(_take(path, names, own))
    of_fold = len(files) // len(models)
    counts = [sum(map(len, picked[first : first + of_fold])) for first in range(0, len(files), of_fold)]
    table = pa.concat_tables(picked).unify_dictionaries()
    hashes = event_hash(table, group)
    return Rows(
        models=models,
        ends=np.cumsum(counts).tolist(),
        blocks={one.name: numbers(table[one.name]).reshape(-1, *(one.shape or (1,))) for one in about.inputs},
        target=numbers(table["target"]),
        weight=yields(table, normalisation),
        event=np.unique(hashes, return_inverse=True)[1].astype(np.int64),
    )


def _take(path: Path, names: Sequence[str], rows: NDArray[np.intp]) -> pa.Table:
    """Return these rows, ascending, of a file, of which a row group is in memory at a time."""
    parts, first = [], 0
    with tables.open_parquet(path) as file:
        for number in range(file.num_row_groups):
            count = file.metadata.row_group(number).num_rows
            own = rows[(rows >= first) & (rows < first + count)] - first
            if len(own):
                parts.append(file.read_row_group(number, names).take(pa.array(own)))
            first += count
        return pa.concat_tables(parts) if parts else file.schema_arrow.empty_table().select(names)
