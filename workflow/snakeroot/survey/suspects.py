"""Traps in the first rows of a task: the same that the audit of the split looks for in all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from snakeroot.config.schema import Task
from snakeroot.data import traps
from snakeroot.plan.split import compared, suspected
from snakeroot.settings import Mistake
from snakeroot.split.settings import Fractions
from snakeroot.survey.rows import FirstRows


def traps_in(task: Task, looked: Mapping[str, Sequence[FirstRows]]) -> list[Mistake]:
    """Return what to warn of, each at its key."""
    found = [Mistake(("features", name), traps.named(name, of)) for name, of in suspected(task).items()]
    roles = {sample: task.samples[sample].class_name or sample for sample in looked if task.labelled(sample)}
    for name in task.features:
        columns = {sample: _column(name, looked[sample]) for sample in roles}
        column = traps.Column()
        for values in columns.values():
            column.add(values)
        texts = [traps.marked(name, value, share) for value, share in column.sentinels().items()]
        texts += _separating(name, columns, roles, task) if task.classes else []
        found += [Mistake(("features", name), text) for text in texts]
    return [*found, *_few(looked, roles, task)]


def _column(name: str, looked: Sequence[FirstRows]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    tables = [rows.table for rows in looked if rows.table is not None]
    return np.concatenate([np.zeros(0, np.float32), *(table[name].to_numpy() for table in tables)])


def _separating(
    name: str, columns: Mapping[str, np.ndarray[tuple[int], np.dtype[np.float32]]], roles: Mapping[str, str], task: Task
) -> list[str]:
    values = np.concatenate(list(columns.values()) or [np.zeros(0, np.float32)])
    label = np.repeat(np.array(list(roles.values()), dtype=object), list(map(len, columns.values())))
    for one in compared(task.classes):
        if (auc := traps.separation(values, label == one)) > traps.SEPARATES:
            return [traps.separating(name, one, auc)]
    return []


def _few(looked: Mapping[str, Sequence[FirstRows]], roles: Mapping[str, str], task: Task) -> list[Mistake]:
    """Estimate the events to train on, by the share of the first entries that is selected."""
    expected: dict[str, float] = {}
    share = task.split.train if isinstance(task.split, Fractions) else 1.0  # else only the audit knows
    for sample, role in roles.items():
        if any(rows.table is None for rows in looked[sample]):
            return []
        events = sum(rows.table.num_rows * rows.entries / max(rows.read, 1) for rows in looked[sample])  # type: ignore[union-attr]
        kind = f"the class {role!r}" if task.classes else "the task"
        expected[kind] = expected.get(kind, 0.0) + events * share
    if {sample for sample in task.samples if task.labelled(sample)} != set(roles):
        return []  # more is generated, or not looked at
    return [Mistake(("samples",), traps.few(kind, events)) for kind, events in expected.items() if events < traps.FEW]
