"""Traps in the features of the train split, where the events of all samples are known, one row group at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.traps import FEW, SEPARATES, Column, separation
from snakeroot.split.settings import AuditSettings

SAMPLED = 2**16
"""Rows of a class that are compared with those of the others, at most, spread evenly over each of its parts."""


def find(train: Sequence[Path], settings: AuditSettings) -> dict[str, Any]:
    """Return the traps in the features of one fold's train split.

    Args:
        train: its files, each with rows of one sample.

    Returns:
        `separating`: of a feature the class that it alone tells from the others, and the AUC; `sentinels`: the share
        of each value that stands for nothing; `named`: features that are an id or a weight; `few`: events of a class
        with few of them.
    """
    samples = {path: _sample(path) for path in train}
    roles = {path: settings.classes[name] or name for path, name in samples.items() if name is not None}
    columns = {name: Column() for name in settings.features}
    kept: dict[str, list[NDArray[np.float32]]] = {name: [] for name in settings.features}
    label: list[NDArray[np.object_]] = []
    events: Counter[str] = Counter()
    parts = Counter(roles.values())
    for path, role in roles.items():
        with tables.open_parquet(path) as file:
            rows = int(file.metadata.num_rows)
            drawn = np.linspace(0, rows - 1, min(rows, max(1, SAMPLED // parts[role]))).astype(np.int64)
            events[role] += rows
            label.append(np.full(len(drawn), role, dtype=object))
            start = 0
            for number in range(file.num_row_groups if settings.features else 0):
                chunk = file.read_row_group(number, settings.features)
                here = drawn[(drawn >= start) & (drawn < start + chunk.num_rows)] - start
                for name in settings.features:
                    values = chunk[name].to_numpy()
                    columns[name].add(values)
                    kept[name].append(values[here])
                start += chunk.num_rows
    labels = np.concatenate(label) if label else np.array([], dtype=object)
    return {
        "named": dict(settings.named),
        "separating": _separating({name: np.concatenate(of) for name, of in kept.items() if of}, labels, settings),
        "sentinels": {
            name: {f"{value:g}": share for value, share in shares.items()}
            for name, column in columns.items()
            if (shares := column.sentinels())
        },
        "few": _few(events, settings),
    }


def _sample(path: Path) -> str | None:
    """Return the sample that a file has rows of; None if it has no rows."""
    with tables.open_parquet(path) as file:
        for number in range(file.num_row_groups):
            return str(file.read_row_group(number, ["sample"])["sample"][0].as_py())
    return None


def _separating(
    columns: dict[str, NDArray[np.float32]], labels: NDArray[np.object_], settings: AuditSettings
) -> dict[str, dict[str, Any]]:
    separating = {}
    for name, values in columns.items():
        areas = {one: separation(values, labels == one) for one in settings.compared}
        best = max(areas, key=areas.__getitem__, default=None)
        if best is not None and areas[best] > SEPARATES:
            separating[name] = {"class": best, "auc": areas[best]}
    return separating


def _few(events: Counter[str], settings: AuditSettings) -> dict[str, int]:
    if settings.compared:
        return {f"the class {role!r}": count for role, count in sorted(events.items()) if count < FEW}
    return {"the task": total} if (total := sum(events.values())) < FEW else {}
