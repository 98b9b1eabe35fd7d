"""What was recorded once counts once, however many files, samples and trigger streams have it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

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
