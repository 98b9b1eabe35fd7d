"""Rows for the training loop: held on the device, or read from disk ahead of use, in the same order either way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from typing import NamedTuple, Protocol, Self, TypeVar

import torch
from torch import Tensor

from snakeroot.networks.portions import portion
from snakeroot.networks.tensors import Data
from snakeroot.train import order
from snakeroot.train.data import Table
from snakeroot.train.parallel import ALONE, Share

T = TypeVar("T")


class Shuffled(NamedTuple):
    """This process's rows of some batches, with the rows of each batch that are its own, and those of all."""

    data: Data
    own: list[int]
    all: list[int]


class Source(Protocol):
    """One split."""

    rows: int

    def shuffled(self, seed: int, batch: int) -> Iterator[Shuffled]:
        """Yield one epoch in random order: whole batches of `batch` rows, but for the last."""

    def in_order(self) -> Iterator[Data]:
        """Yield the rows in the order of the files, a portion at a time; of each such part, this process's share."""


class Resident:
    """All rows on the device, `data`."""

    def __init__(self, data: Data, layout: order.Layout, window: int, share: Share = ALONE) -> None:
        self.rows = sum(layout.rows)
        self.data, self._layout, self._window, self._share = data, layout, window, share
        self._ends = list(accumulate(layout.rows))

    @classmethod
    def load(cls, table: Table, window: int, share: Share, device: torch.device) -> Self:
        """Read all rows, one group at a time."""
        of_targets = (table.rows, *table.targets)
        shapes = (table.rows, table.size), of_targets, of_targets, (table.rows, table.protected)
        data = Data(*(torch.empty(shape, dtype=table.dtype, device=device) for shape in shapes))
        first = 0
        for number, rows in enumerate(table.layout.rows):
            for whole, part in zip(data, table.read(number), strict=True):
                whole[first : first + rows] = part
            first += rows
        return cls(data, table.layout, window, share)

    def shuffled(self, seed: int, batch: int) -> Iterator[Shuffled]:
        """Yield one epoch."""
        for window in _windows(self._layout, self._window, batch, seed):
            chosen, own, every = _own(window.order, batch, self._share)
            rows = torch.cat([self._rows(piece) for piece in window.pieces])[chosen]
            yield Shuffled(self.data.select(rows.to(self.data.target.device)), own, every)

    def in_order(self) -> Iterator[Data]:
        """Yield the rows as they are."""
        size = portion(self.data.features.shape[1])
        for first in range(0, self.rows, size):
            part = self.data.part(slice(first, first + size))
            yield part.part(self._share.of(len(part.target)))

    def _rows(self, piece: order.Piece) -> Tensor:
        first = self._ends[piece.group] - self._layout.rows[piece.group]
        return torch.arange(first + piece.start, first + piece.stop)


class Streamed:
    """Rows on disk: a thread reads the next window, or part, while the last one is used."""

    def __init__(self, table: Table, window: int, share: Share, device: torch.device) -> None:
        self.rows, self._table, self._window, self._share, self._device = table.rows, table, window, share, device

    @classmethod
    def load(cls, table: Table, window: int, share: Share, device: torch.device) -> Self:
        """Read nothing yet."""
        return cls(table, window, share, device)

    def shuffled(self, seed: int, batch: int) -> Iterator[Shuffled]:
        """Yield one epoch."""
        return _ahead(self._shuffled(seed, batch))

    def _shuffled(self, seed: int, batch: int) -> Iterator[Shuffled]:
        begun: dict[int, Data] = {}
        for window in _windows(self._table.layout, self._window, batch, seed):
            chosen, own, every = _own(window.order, batch, self._share)
            place = torch.full((len(window.order),), -1).index_copy_(0, chosen, torch.arange(len(chosen)))
            filled: Data | None = None
            first = 0
            for number, start, stop in window.pieces:
                group = begun.pop(number, None) or self._table.read(number)
                if stop < len(group.target):
                    begun[number] = group  # its rest is of another window
                filled = filled or Data(*(c.new_empty(len(chosen), *c.shape[1:]) for c in group))
                _put(group.part(slice(start, stop)), filled, place[first : first + stop - start])
                first += stop - start
            if filled is not None:
                yield Shuffled(Data(*(column.to(self._device) for column in filled)), own, every)

    def in_order(self) -> Iterator[Data]:
        """Yield the rows as they come."""
        return _ahead(self._in_order())

    def _in_order(self) -> Iterator[Data]:
        size, held = portion(self._table.size), list[Data]()
        for number in range(len(self._table.groups)):
            held.append(self._table.read(number))
            joined = Data(*(torch.cat(columns) for columns in zip(*held, strict=True)))
            last = number + 1 == len(self._table.groups)
            end = len(joined.target) if last else len(joined.target) // size * size
            for first in range(0, end, size):
                part = joined.part(slice(first, min(first + size, end)))
                yield Data(*(column.to(self._device) for column in part.part(self._share.of(len(part.target)))))
            held = [joined.part(slice(end, None))]


def _windows(layout: order.Layout, window: int, batch: int, seed: int) -> Iterator[order.Window]:
    """Windows of whole batches, so that no batch is of two of them."""
    return order.windows(layout, max(window // batch, 1) * batch, seed)


def _own(chosen: Tensor, batch: int, share: Share) -> tuple[Tensor, list[int], list[int]]:
    """Return what of a window's order is this process's, and its own and all rows of each batch."""
    every = [min(batch, len(chosen) - first) for first in range(0, len(chosen), batch)]
    if share.alone:
        return chosen, every, every
    parts = [rows[share.of(len(rows))] for rows in torch.split(chosen, batch)]
    return torch.cat(parts), [len(part) for part in parts], every


def _put(rows: Data, into: Data, place: Tensor) -> None:
    """Copy rows to their places; those whose place is negative are another process's."""
    if (place < 0).any():
        rows, place = rows.select(torch.nonzero(place >= 0).squeeze(1)), place[place >= 0]
    for column, whole in zip(rows, into, strict=True):
        whole.index_copy_(0, place, column)


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the same items, the next one being made in a thread meanwhile."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
