"""Parquet to tensors, group by group, and event weights to training weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.files import read_json
from snakeroot.rows import numbers
from snakeroot.train.order import Layout

CLASSES = ("background", "signal")
"""By target."""

SCALED = 16_384
"""Rows scaled at once."""


class Data(NamedTuple):
    """Rows, of one floating type: scaled features (n, inputs), target (n,) of 0 and 1, weight (n,) of mean 1."""

    features: Tensor
    target: Tensor
    weight: Tensor

    def select(self, index: Tensor) -> Data:
        """Return the rows at these positions."""
        return Data(*(column.index_select(0, index) for column in self))

    def part(self, rows: slice) -> Data:
        """Return a view of some rows."""
        return Data(*(column[rows] for column in self))


class Group(NamedTuple):
    """A row group of a Parquet file; a file holds rows of one sample."""

    path: Path
    number: int
    rows: int
    sample: str


class Table:
    """One split of one fold on disk, its rows in the order of the files.

    Attributes:
        inputs: the features.
        dtype: the type of the tensors.
        groups: the row groups.
        layout: their rows, and the groups of each sample.
        rows: how many rows there are.
    """

    def __init__(
        self,
        split: str,
        paths: Sequence[Path],
        normalisation: Path,
        inputs: Sequence[str],
        balance: bool,
        scale: Callable[[Tensor], Tensor],
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Read the layout and the sums of the weights.

        Args:
            split: its name, for messages.
            scale: what to do with raw features, on the CPU.

        Raises:
            SnakerootError: naming the split and the class that is missing or weighs nothing.
        """
        self.inputs, self._scale, self.dtype = list(inputs), scale, dtype
        self.groups = [group for path in paths for group in _groups(path)]
        samples = sorted({group.sample for group in self.groups})
        streams = [[i for i, group in enumerate(self.groups) if group.sample == sample] for sample in samples]
        self.layout = Layout([group.rows for group in self.groups], streams)
        self.rows = sum(self.layout.rows)
        known = read_json(normalisation)["samples"]
        self._factor = {sample: float(known[sample]["factor"]) for sample in samples}
        self._of_class = class_scales(
            (self._yields(group, _columns(group, ["target", "weight"])) for group in self.groups), balance, split
        )

    def read(self, number: int) -> Data:
        """Return all rows of a group, on the CPU."""
        group = self.groups[number]
        features = torch.empty(group.rows, len(self.inputs), dtype=self.dtype)
        columns = _columns(group, ["target", "weight", *self.inputs])
        target, weight = self._yields(group, columns)
        for index, values in enumerate(columns):
            features[:, index] = torch.tensor(values)
        for part in torch.split(features, SCALED):
            part[:] = self._scale(part)
        training = torch.from_numpy(weight * self._of_class[target])
        return Data(features, torch.tensor(target, dtype=self.dtype), training.to(self.dtype))

    def _yields(self, group: Group, columns: Iterator[NDArray[Any]]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        return next(columns), next(columns) * self._factor[group.sample]

    @property
    def row_bytes(self) -> int:
        """Memory of a row as tensors."""
        return (len(self.inputs) + 2) * self.dtype.itemsize


def class_scales(
    groups: Iterable[tuple[NDArray[np.int8], NDArray[np.float64]]], balance: bool, split: str
) -> NDArray[np.float64]:
    """Return the factor for each class that makes weights of mean 1; with `balance`, both classes have the same sum.

    Raw weights can be 1e-5 each, which would shrink every gradient with them.

    Args:
        groups: targets (n,) of 0 and 1 with the weights (n,), some rows at a time.

    Raises:
        SnakerootError: if a class is missing or its weights add up to nothing, or less.
    """
    counts, sums = np.zeros(2, np.int64), np.zeros(2)
    for target, weight in groups:
        for value in range(2):
            counts[value] += np.sum(target == value)
            sums[value] += weight[target == value].sum()
    for name, count, total in zip(CLASSES, counts, sums, strict=True):
        if not count:
            raise SnakerootError(f"the {split} split has no {name} events: add events, or give it a larger fraction")
        if not total > 0:
            raise SnakerootError(
                f"the weights of the {name} events in the {split} split add up to {total:g}; is 'weight' right? "
                "With negative weights, more events or 'negative_weights: absolute' may help"
            )
    scales: NDArray[np.float64] = counts.sum() / (2 * sums if balance else np.full(2, sums.sum()))
    return scales


def digest(paths: Iterable[Path]) -> Iterator[bytes]:
    """Yield a digest of each file's bytes."""
    for path in paths:
        with path.open("rb") as file:
            yield hashlib.file_digest(file, "sha256").digest()


def _groups(path: Path) -> Iterator[Group]:
    with tables.open_parquet(path) as file:
        column = file.schema_arrow.get_field_index("sample")
        for number in range(file.num_row_groups):
            group = file.metadata.row_group(number)
            if group.num_rows:
                yield Group(path, number, group.num_rows, _sample(path, group.column(column).statistics))


def _sample(path: Path, statistics: pq.Statistics | None) -> str:
    if statistics is None or not statistics.has_min_max or statistics.min != statistics.max:
        raise SnakerootError(f"{path}: not of one sample; delete it and run again")
    return str(statistics.min)


def _columns(group: Group, names: Sequence[str]) -> Iterator[NDArray[Any]]:
    """Yield the columns of a group one by one: what it takes to decode one is small beside the group."""
    with tables.open_parquet(group.path) as file:
        for name in names:
            yield numbers(file.read_row_group(group.number, columns=[name], use_threads=False)[name])
