"""Parquet to tensors, group by group, and event weights to training weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from snakeroot.data.cancellation import positive
from snakeroot.data.factors import Factors
from snakeroot.data.files import read_json
from snakeroot.errors import SnakerootError
from snakeroot.networks.inputs import Input, places, size
from snakeroot.networks.portions import portion
from snakeroot.networks.tensors import Data
from snakeroot.train.groups import TOGETHER, Group, columns, groups
from snakeroot.train.mixture import Varied, factors
from snakeroot.train.order import Layout
from snakeroot.train.points import Points

Weighed = tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64] | float]
"""Targets (n,), weights (n,), and what is multiplied on these, (n,) or one number."""


@dataclass(frozen=True)
class Target:
    """What the column of targets means.

    Attributes:
        classes: names of the classes, by number; none if targets are no classes.
        balance: whether all classes count alike.
        priors: relative sums of the classes' weights, in place of `balance`; or none.
        known: whether there are targets at all; if not, all rows weigh the same.
        mean, deviation: by which the target of a regression is standardised.
    """

    classes: Sequence[str] = ()
    balance: bool = True
    priors: Sequence[float] = ()
    known: bool = True
    mean: float = 0.0
    deviation: float = 1.0

    @property
    def columns(self) -> list[str]:
        """The columns of weight and target."""
        return ["weight", "target"] if self.known else ["weight"]

    def numbers(self, target: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class of each row, all 0 if there are none."""
        return target.astype(np.int64) if self.classes else np.zeros(len(target), np.int64)

    def scaled(self, target: NDArray[Any]) -> NDArray[np.float64]:
        """Return the targets as a network is to give them."""
        return (target.astype(np.float64) - self.mean) / self.deviation


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

        Raises:
            SnakerootError: naming the split and the class that is missing or weighs nothing.
        """
        self._inputs, self._target, self._scale, self.dtype = list(inputs), target, scale, dtype
        self._reweighting = reweighting
        self._weighing = [*target.columns, *(reweighting.columns if reweighting else [])]
        self._places = places(inputs)
        self._protected = [protected] if protected else []
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

    def read(self, number: int) -> Data:
        """Return all rows of a group, on the CPU."""
        group = self.groups[number]
        columns = self._columns(group, [*self._weighing, *self._protected, *(one.name for one in self._inputs)])
        target, weight, factor = self._yields(group, columns)
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
        training = torch.from_numpy(weight * factor * self._of_class[self._target.numbers(target)])
        if not self._target.known:  # all rows are alike
            training = torch.ones(group.rows)
        wanted = torch.from_numpy(self._target.scaled(target))
        return Data(features, wanted.to(self.dtype), training.to(self.dtype), protected)

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
    def row_bytes(self) -> int:
        """Memory of a row as tensors."""
        return (self.size + 2 + self.protected) * self.dtype.itemsize


def class_scales(groups: Iterable[Weighed], target: Target, split: str) -> NDArray[np.float64]:
    """Return the factor for each class that makes weights of mean 1, on top of the factors on single rows.

    Raw weights can be 1e-5 each, which would shrink every gradient with them. Balanced, all classes have the same sum;
    with priors, sums that are to each other as these; else as the weights without the factors on rows.

    Args:
        groups: targets (n,), weights (n,) and factors on them, (n,) or a number, some rows at a time.

    Raises:
        SnakerootError: if a class is missing or its weights add up to nothing, or less.
    """
    names = [f"{name} events" for name in target.classes] or ["events"]
    counts, sums, magnitudes = np.zeros(len(names), np.int64), np.zeros((2, len(names))), np.zeros((2, len(names)))
    for targets, weight, factor in groups:
        numbers = target.numbers(targets)
        for value in range(len(names)):
            chosen = numbers == value
            counts[value] += chosen.sum()
            for kind, weights in enumerate((weight, weight * factor)):
                own = weights[chosen]
                sums[kind, value] += own.sum()
                magnitudes[kind, value] += np.abs(own).sum()
    for name, count in zip(names, counts, strict=True):
        if not count:
            raise SnakerootError(f"the {split} split has no {name}: add events, or give it a larger fraction")
    for name, total, magnitude in zip(names * 2, sums.flat, magnitudes.flat, strict=True):
        if not positive(total, magnitude):
            raise SnakerootError(
                f"the weights of the {name} in the {split} split add up to {total:g} (their magnitudes to "
                f"{magnitude:g}); is 'weight' right? "
                "With negative weights, more events or 'negative_weights: absolute' may help"
            )
    raw, weighted = sums
    if target.priors:
        shares = np.asarray(target.priors, np.float64)
        return np.asarray(counts.sum() * (shares / shares.sum()) / weighted)
    if target.balance:
        return np.asarray(counts.sum() / (len(names) * weighted))
    return np.asarray(counts.sum() / np.full(len(names), raw.sum()) * (raw / weighted))
