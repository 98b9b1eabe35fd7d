"""In which order an epoch takes the rows: the same whether they are all in memory or come from disk as they are needed.

Rows lie in groups (of Parquet files), groups in streams (samples). Where all rows fit into one window, the order is a
random permutation. Where they do not, each window takes from every sample its share, so that all windows are mixed as
the whole is, from groups in random order; and the rows of a window are permuted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Layout(NamedTuple):
    """How many rows each group has, and the groups of each sample, by number."""

    rows: list[int]
    streams: list[list[int]]


class Piece(NamedTuple):
    """Rows `start` to `stop` of one group."""

    group: int
    start: int
    stop: int


class Window(NamedTuple):
    """Rows that are shuffled together: `order` (n,) int64 are positions among the rows of the pieces, one by one."""

    pieces: list[Piece]
    order: Tensor


def windows(layout: Layout, size: int, seed: int) -> Iterator[Window]:
    """Yield the windows of one epoch, of `size` rows (the last may be smaller): each row once."""
    generator = torch.Generator().manual_seed(seed)
    left = sum(layout.rows)
    if left <= size:
        everything = [Piece(group, 0, rows) for group, rows in enumerate(layout.rows)]
        yield Window(everything, torch.randperm(left, generator=generator))
        return
    readers = [
        _Reader(layout.rows, [stream[i] for i in torch.randperm(len(stream), generator=generator)])
        for stream in layout.streams
    ]
    while left:
        count = min(size, left)
        quotas = apportion(count, [reader.left for reader in readers])
        pieces = [piece for reader, quota in zip(readers, quotas, strict=True) for piece in reader.take(quota)]
        yield Window(pieces, torch.randperm(count, generator=generator))
        left -= count


def apportion(count: int, available: Sequence[int]) -> list[int]:
    """Return how many of `count` to take from each, in proportion to what is there (largest remainders)."""
    total = sum(available)
    shares = [count * there // total for there in available]
    by_remainder = sorted(range(len(available)), key=lambda i: (-(count * available[i] % total), i))
    for i in by_remainder[: count - sum(shares)]:
        shares[i] += 1
    return shares


class _Reader:
    """Takes rows from groups, one group after the other."""

    def __init__(self, rows: Sequence[int], groups: Sequence[int]) -> None:
        self.left = sum(rows[group] for group in groups)
        self._rest = [Piece(group, 0, rows[group]) for group in reversed(groups)]

    def take(self, count: int) -> Iterator[Piece]:
        """Yield pieces of `count` rows in all."""
        self.left -= count
        while count:
            group, start, stop = self._rest.pop()
            if stop - start > count:
                self._rest.append(Piece(group, start + count, stop))
                stop = start + count
            count -= stop - start
            yield Piece(group, start, stop)
