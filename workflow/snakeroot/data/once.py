"""What was recorded once counts once, however many files, samples and trigger streams have it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.identity import event_hash, splitmix64
from snakeroot.settings import ID

HELD = 2**20
"""Rows that stay in memory, so that few are read once though they are wanted several times."""


def firsts(rows: pa.Table) -> NDArray[np.bool_]:
    """Return which rows (n,) are the first of their event, by the exact bits of its id; or of an object of an event."""
    key = event_hash(rows, [name.removeprefix(ID) for name in rows.column_names if name.startswith(ID)])
    if "object" in rows.column_names:
        key = splitmix64(key ^ rows["object"].to_numpy().astype(np.uint64))
    chosen = np.zeros(len(key), dtype=bool)
    chosen[np.unique(key, return_index=True)[1]] = True
    return chosen


class Once:
    """Rows of several tables, as often as they are wanted: what was recorded once is there once.

    Rows of recorded samples are left out whose event is in another row of these, before them: several trigger streams
    may have it. Copies of simulated events stay, as the number of events generated counts them too.

    Attributes:
        paths: the tables, which have `sample` and `weight`.
        copies: how many rows are left out.
    """

    def __init__(self, paths: Sequence[Path], recorded: Collection[str]) -> None:
        """Find out which rows of recorded samples are the first of their event; there may be no such sample."""
        self.paths = paths
        self._firsts, self.copies = self._find(recorded) if recorded else ({}, 0)
        self._held: dict[tuple[str, ...], list[pa.Table]] = {}

    def _find(self, recorded: Collection[str]) -> tuple[dict[Path, NDArray[np.bool_]], int]:
        identities, places = [], []
        for path in self.paths:
            are = np.isin(np.asarray(tables.read(path, ["sample"])["sample"].cast(pa.string())), list(recorded))
            if are.any():
                names = tables.open_parquet(path).schema_arrow.names
                known = tables.read(path, [name for name in names if name.startswith(ID) or name == "object"])
                identities.append(known.filter(pa.array(are)))
                places.append((path, are))
        first = firsts(pa.concat_tables(identities)) if identities else np.zeros(0, dtype=bool)
        kept, begin = {}, 0
        for path, are in places:
            count = int(are.sum())
            kept[path] = np.ones(len(are), dtype=bool)
            kept[path][are] = first[begin : begin + count]
            begin += count
        return kept, int((~first).sum())

    def tables(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield `sample`, `weight` and other columns of all rows, a row group at a time."""
        names = ("sample", "weight", *columns)
        if names in self._held:
            yield from self._held[names]
            return
        held: list[pa.Table] | None = []
        count = 0
        for path in self.paths:
            begin = 0
            with tables.open_parquet(path) as file:
                for number in range(file.num_row_groups):
                    rows = file.read_row_group(number, names)
                    end = begin + rows.num_rows
                    kept = self._firsts.get(path)
                    rows = rows if kept is None else rows.filter(pa.array(kept[begin:end]))
                    begin, count = end, count + rows.num_rows
                    held = [*held, rows] if held is not None and count <= HELD else None
                    yield rows
        if held is not None:
            self._held[names] = held

    def totals(self) -> dict[str, float]:
        """Return the sum of the weights of each sample."""
        found: dict[str, float] = {}
        for rows in self.tables([]):
            of_samples = rows.group_by("sample", use_threads=False).aggregate([("weight", "sum")])
            for name, total in zip(of_samples["sample"].to_pylist(), of_samples["weight_sum"].to_pylist(), strict=True):
                found[name] = found.get(name, 0.0) + total
        return found

    def of(self, *columns: str) -> Rows:
        """Return the rows of some columns, which can be gone through again."""
        return Rows(self, columns)


class Rows:
    """Rows of `Once`."""

    def __init__(self, once: Once, columns: Sequence[str]) -> None:
        self._once, self._columns = once, columns

    def __iter__(self) -> Iterator[pa.Table]:
        return self._once.tables(self._columns)


def read_once(paths: Sequence[Path], columns: Sequence[str], recorded: Collection[str]) -> tuple[pa.Table, int]:
    """Return `sample`, `weight` and other columns of all rows, and how many rows are left out; see `Once`."""
    once = Once(paths, recorded)
    return pa.concat_tables(once.tables(columns)).unify_dictionaries(), once.copies
