"""What was recorded once counts once, however many files, samples and trigger streams have it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.identity import event_hash, splitmix64
from snakeroot.settings import ID


def firsts(rows: pa.Table) -> NDArray[np.bool_]:
    """Return which rows (n,) are the first of their event, by the exact bits of its id; or of an object of an event."""
    key = event_hash(rows, [name.removeprefix(ID) for name in rows.column_names if name.startswith(ID)])
    if "object" in rows.column_names:
        key = splitmix64(key ^ rows["object"].to_numpy().astype(np.uint64))
    chosen = np.zeros(len(key), dtype=bool)
    chosen[np.unique(key, return_index=True)[1]] = True
    return chosen


def read_once(paths: Sequence[Path], columns: Sequence[str], recorded: Collection[str]) -> tuple[pa.Table, int]:
    """Return `sample`, `weight` and other columns of all rows, and how many rows are left out.

    Those are rows of recorded samples whose event is in another row of these, before them: several trigger streams
    may have it. Copies of simulated events stay, as the number of events generated counts them too.
    """
    of_files, identities = [], []
    for path in paths:
        table = tables.read(path, ["sample", "weight", *columns])
        of_files.append(table)
        are = np.isin(np.asarray(table["sample"].cast(pa.string())), list(recorded))
        if are.any():
            names = tables.open_parquet(path).schema_arrow.names
            known = tables.read(path, [name for name in names if name.startswith(ID) or name == "object"])
            identities.append((len(of_files) - 1, are, known.filter(pa.array(are))))
    if not identities:
        return pa.concat_tables(of_files).unify_dictionaries(), 0
    first = firsts(pa.concat_tables([known for _, _, known in identities]))
    begin = 0
    for place, are, known in identities:
        kept = np.ones(len(are), dtype=bool)
        kept[are] = first[begin : begin + known.num_rows]
        of_files[place] = of_files[place].filter(pa.array(kept))
        begin += known.num_rows
    return pa.concat_tables(of_files).unify_dictionaries(), int((~first).sum())
