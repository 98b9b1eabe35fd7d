"""Rows that share their event_id. Exact copies are fine; many rows of other content mean that it is no identity.

An event may be in a sample twice, as in two trigger streams of the same data: its copies are the same in all that a
table holds. Rows that differ are different events, which a poor event_id sends to one split and takes for one in the
intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from snakeroot.data.arrays import column
from snakeroot.data.identity import Hash, row_hash, splitmix64
from snakeroot.errors import SnakerootError
from snakeroot.settings import ID

LIMIT = 0.03
"""Share of rows whose event has another of other content, from which on event_id is taken for a poor one."""
FEW = 10
"""So many of them may be in any table, however small."""
MOST = 1_000_000
"""Rows in which branches are looked for that tell events apart: of more, the rows of some events, by their hash."""

PLACE = ("sample", "part", "entry", "object")
"""Columns that say where a row is from, which is neither its identity nor its content."""


def shared(table: pa.Table, event_id: Sequence[str]) -> int:
    """Return how many rows are beyond the first of their event, whatever their content."""
    return int(table.num_rows) - len(np.unique(row_hash(table, _identity(table, event_id))))


def suspicious(further: int, rows: int) -> bool:
    """Whether rows of other content may be too many, where so many are beyond the first of their event.

    These are at least half of those that share their event with another.
    """
    return many(2 * further, rows)


def refuse(
    tables: Iterable[pa.Table], rows: int, event_id: Sequence[str], branches: Mapping[str, str], where: str
) -> None:
    """Refuse rows of one sample if too many of them share their event_id with one of other content.

    Args:
        tables: the rows as the features stage writes them; their place `object` in the event is part of what they are.
        rows: how many there are.
        branches: the branch that a column holds; named are those by which the events could be told apart.
        where: what the rows are of, for the message.

    Raises:
        SnakerootError: with the share, the limit, the branches of event_id, and those which would help.
    """
    known = {column: branch for column, branch in branches.items() if branch not in event_id}
    every = np.uint64(max(1, -(-rows // MOST)))
    parts = [_hashed(table, event_id, known, every) for table in tables]
    event, content, *columns = (np.concatenate(of_parts) for of_parts in zip(*parts, strict=True))
    if many(count := differing(event, content), rows):
        drawn = event % every == 0
        helpful = _telling(event[drawn], content[drawn], dict(zip(known.values(), columns, strict=True)))
        raise SnakerootError(
            f"event_id [{', '.join(event_id)}] does not tell events apart: {count} of {rows} rows {where} "
            f"({100 * count / rows:.3g} %; {100 * LIMIT:g} % are allowed) have the event_id of a row that differs from "
            f"them. {_advice(helpful)}"
        )


def differing(event: Hash, content: Hash) -> int:
    """Return how many rows are of an event that has rows of different content: each of its rows counts."""
    if not len(event):
        return 0
    order = np.argsort(event)
    event, content = event[order], content[order]
    begins = np.flatnonzero(np.r_[True, event[1:] != event[:-1]])
    differ = np.minimum.reduceat(content, begins) != np.maximum.reduceat(content, begins)
    return int(np.diff(begins, append=len(event))[differ].sum())


def _contents(event: Hash, content: Hash) -> int:
    """Return how many contents events have beyond one each: less with each branch that tells any of them apart."""
    return len(np.unique(splitmix64(event) ^ content)) - len(np.unique(event))


def many(count: int, rows: int) -> bool:
    """Whether so many rows of all differ from others of their event that copies of events do not explain them."""
    return count > max(LIMIT * rows, FEW)


def _hashed(table: pa.Table, event_id: Sequence[str], columns: Iterable[str], every: np.uint64) -> list[Hash]:
    """Return hashes of identity and content of all rows, and of each column in the rows of one in `every` events."""
    event = row_hash(table, _identity(table, event_id))
    content = [name for name in table.column_names if name not in PLACE and not name.startswith(ID)]
    drawn = table.filter(column(event % every == 0))
    return [event, row_hash(table, content), *(row_hash(drawn, [name]) for name in columns)]


def _identity(table: pa.Table, event_id: Sequence[str]) -> list[str]:
    return [*(ID + name for name in event_id), *(["object"] if "object" in table.column_names else [])]


def _telling(event: Hash, content: Hash, branches: Mapping[str, Hash]) -> list[str]:
    """Return branches with which few rows share their identity, the most telling first; none if all do not suffice."""
    chosen: list[str] = []
    while many(differing(event, content), len(event)):
        left = {name: _contents(splitmix64(event) ^ branches[name], content) for name in branches if name not in chosen}
        best = min(left, key=left.__getitem__, default=None)
        if best is None or left[best] == _contents(event, content):
            return []
        event, chosen = splitmix64(event) ^ branches[best], [*chosen, best]
    return chosen


def _advice(branches: Sequence[str]) -> str:
    if branches:
        add = f"Add {' and '.join(map(repr, branches))}, by which they differ"
    else:
        add = (
            "Add the branches by which they differ (no feature or spectator of the task does): run, luminosity block "
            "and event, or the number of a jet in its event"
        )
    return (
        f"{add}. Rows of a flat ntuple that belong together are kept so by 'group', as [run, event] of [run, event, "
        "jet]. If copies of an event may differ, or nothing tells apart what each file numbers anew, say 'duplicates: "
        "keep'"
    )
