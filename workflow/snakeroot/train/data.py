"""Parquet to tensors, group by group, and event weights to training weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot.data.factors import Factors
from snakeroot.data.files import read_json
from snakeroot.networks.inputs import Input, places, size
from snakeroot.networks.portions import portion
from snakeroot.networks.tensors import Data
from snakeroot.train.groups import TOGETHER, Group, columns, groups
from snakeroot.train.mixture import Varied, factors
from snakeroot.train.order import Layout
from snakeroot.train.others import Others
from snakeroot.train.points import Points
from snakeroot.train.target import Target, Weighed, class_scales


class Table:
    """One split of one fold on disk, its rows in the order of the files.

    Attributes:
        size: numbers in a scaled row.
        dtype: the type of the tensors.
        groups: the row groups.
        layout: their rows, and the groups of each sample, and of each of its variations.
        rows: how many rows there are.
    """

    def __init__(
        self,
        split: str,
        paths: Sequence[Path],
        normalisation: Path,
        inputs: Sequence[Input],
        target: Target,
        scale: Callable[[Tensor], Tensor],
        dtype: torch.dtype = torch.float32,
        width: int | None = None,
        variations: Sequence[Varied] = (),
        reweighting: Factors | None = None,
        protected: str | None = None,
        points: Points | None = None,
        others: Others | None = None,
    ) -> None:
        """Read the layout and the sums of the weights.

        Args:
            split: its name, for messages.
            scale: what to do with raw features, on the CPU.
            width: numbers in a scaled row; by default as many as in a raw one.
            variations: what is mixed in.
            reweighting: what the weights are multiplied by; the sums of the classes stay what they are without.
            protected: column that the outputs are to be independent of.
            points: those of a parameterised task that are learned from.
            others: targets beside the main one, of this split.

        Raises:
            SnakerootError: naming the split and the class that is missing or weighs nothing.
        """
        self._inputs, self._target, self._scale, self.dtype = list(inputs), target, scale, dtype
        self._reweighting = reweighting
        self._weighing = [*target.columns, *(reweighting.columns if reweighting else [])]
        self._places = places(inputs)
        self._protected, self._others = [protected] if protected else [], others or Others({})
        self.size = width or size(inputs)
        self.groups = [group for path in paths for group in groups(path)]
        for one in variations:
            self.groups += [group._replace(variation=one.name) for path in one.paths for group in groups(path)]
        known = read_json(normalisation)["samples"]
        nominal = {group.sample: float(known[group.sample]["factor"]) for group in self.groups}
        self._factor = factors(nominal, variations)
        self._points, self._columns = points, points.columns if points else columns
        if points:
            self.groups = points.counted(self.groups)
        kinds = sorted({(group.sample, group.variation) for group in self.groups})
        streams = [[i for i, group in enumerate(self.groups) if group[3:] == kind] for kind in kinds]
        self.layout = Layout([group.rows for group in self.groups], streams)
        self.rows = sum(self.layout.rows)
        if points:
            weighed = (self._yields(group, self._columns(group, self._weighing)) for group in self.groups)
            products = (weight * factor for _, weight, factor in weighed)
            points.equalise(zip(self.groups, products, strict=True), split)
        self._of_class = class_scales(
            (self._yields(group, self._columns(group, self._weighing)) for group in self.groups), target, split
        )
        self._others.fit(self._of_others, self.rows, split)

    def read(self, number: int) -> Data:
        """Return all rows of a group, on the CPU."""
        group = self.groups[number]
        beside = [*self._weighing, *self._others.columns, *self._protected]
        columns = self._columns(group, [*beside, *(one.name for one in self._inputs)])
        target, training = self._main(group, columns)
        wanted = self._target.scaled(target)
        if self._others:
            wanted, training = self._others.beside(wanted, training, list(islice(columns, len(self._others))))
        protected = torch.empty(group.rows, len(self._protected), dtype=self.dtype)
        for place in range(len(self._protected)):
            protected.numpy()[:, place] = next(columns)
        raw = torch.empty(group.rows, size(self._inputs), dtype=self.dtype)
        rows = portion(size(self._inputs))
        placed = zip(self._places, columns, strict=True)
        while some := [(at, values.reshape(group.rows, -1)) for at, values in islice(placed, TOGETHER)]:
            for first in range(0, group.rows, rows):
                part = raw[first : first + rows].numpy()
                for at, values in some:
                    part[:, at] = values[first : first + rows]
        features = raw if raw.shape[1] == self.size else raw.new_empty(group.rows, self.size)
        for part_of_raw, into in zip(torch.split(raw, rows), torch.split(features, rows), strict=True):
            into[:] = self._scale(part_of_raw)
        targets, weights = (torch.from_numpy(values).to(self.dtype) for values in (wanted, training))
        return Data(features, targets, weights, protected)

    def _main(self, group: Group, columns: Iterator[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return the main target of a group's rows, and their weights in the training."""
        target, weight, factor = self._yields(group, columns)
        if not self._target.known:  # all rows are alike
            return target, np.ones(group.rows)
        return target, weight * factor * self._of_class[self._target.numbers(target)]

    def _of_others(self) -> Iterator[tuple[NDArray[np.float64], list[NDArray[Any]]]]:
        """Yield the rows' weights and their other targets, group by group."""
        for group in self.groups:
            columns = self._columns(group, [*self._weighing, *self._others.columns])
            yield self._main(group, columns)[1], list(columns)

    def _yields(self, group: Group, columns: Iterator[NDArray[Any]]) -> Weighed:
        weight = next(columns) * self._factor[group.sample, group.variation]
        target = next(columns) if self._target.known else np.zeros(len(weight))
        factor: NDArray[np.float64] | float = self._points.of(group) if self._points else 1.0
        if not self._reweighting:
            return target, weight, factor
        variables = [next(columns) for _ in self._reweighting.columns]
        return target, weight, self._reweighting.of(self._target.numbers(target), variables) * factor

    @property
    def protected(self) -> int:
        """How many variables the outputs are to be independent of: one, or none."""
        return len(self._protected)

    @property
    def targets(self) -> tuple[int, ...]:
        """The shape of a row's targets, and of its weights: () of one, (1 + others,) of several."""
        return (1 + len(self._others),) if self._others else ()

    @property
    def row_bytes(self) -> int:
        """Memory of a row as tensors."""
        return (self.size + 2 * (1 + len(self._others)) + self.protected) * self.dtype.itemsize
