"""Whether an event that is trained on in a systematic variation is held out elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from snakeroot.data import tables
from snakeroot.errors import SnakerootError
from snakeroot.settings import ID
from snakeroot.split.settings import AuditSettings

LEAK = (
    "are trained on in a systematic variation (training.variations) and held out otherwise, as a branch of its tree or "
    "files says another split: let event_id decide (no split.column), or do not train on it"
)


def audited(settings: AuditSettings, trained: Sequence[Path], held_out: Sequence[Sequence[Path]]) -> dict[str, Any]:
    """Return how many events, or groups, are trained on in variations, and how many of these are held out: none.

    Args:
        trained: train splits of variations, fold by fold.
        held_out: what is validated or tested on, nominally or in variations, each fold by fold.

    Raises:
        SnakerootError: if an event is in both in a fold.
    """
    columns = [ID + name for name in settings.group or settings.event_id]
    counts = []
    for fold in range(settings.folds):
        roles = []
        for role, paths in (("trained", [trained]), ("held out", held_out)):
            table = tables.read_all(
                [path for of_split in paths for path in _of_fold(of_split, fold, settings)], columns
            )
            roles.append(table.append_column("role", pa.array(np.full(table.num_rows, role))))
        events = pa.concat_tables(roles).group_by(columns, use_threads=False)
        known = events.aggregate([("role", "count_distinct"), ("role", "max")])
        overlap = int((known["role_count_distinct"].to_numpy() > 1).sum())
        if overlap:
            raise SnakerootError(f"{overlap} {'groups' if settings.group else 'events'} of fold {fold} {LEAK}")
        counts.append(int(np.sum(np.asarray(known["role_max"]) == "trained")))
    return {"events": counts, "overlap": 0}


def _of_fold(paths: Sequence[Path], fold: int, settings: AuditSettings) -> Sequence[Path]:
    parts = len(paths) // settings.folds
    return paths[fold * parts : (fold + 1) * parts]
