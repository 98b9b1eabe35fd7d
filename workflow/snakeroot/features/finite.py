"""What is NaN or infinite in a column: counted and dropped, or refused with what is most likely the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.rows import Rows
from snakeroot.physics.expressions.branches import is_text

if TYPE_CHECKING:
    from snakeroot.features.extract import Plan


def finite(columns: Mapping[str, NDArray[np.floating]], plan: Plan, rows: Rows, flow: CutFlow) -> NDArray[np.bool_]:
    """Return which rows are finite in all columns; count the others by column, or refuse them by policy."""
    found = np.ones(len(rows), dtype=bool)
    for name, values in columns.items():
        bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if bad.any():
            flow.non_finite[name] += int(bad.sum())
            found &= ~bad
            if plan.settings.non_finite == "error":
                first = int(bad.argmax())
                raise SnakerootError(
                    f"{_called(name, plan)} is NaN or infinite in {int(bad.sum())} selected entries, the first of them "
                    f"entry {rows.entry[first]}: {_remedy(name, plan, rows, first)}, or say 'non_finite: drop' to "
                    "count and drop them"
                )
    return found


def _called(name: str, plan: Plan) -> str:
    settings = plan.settings
    if name in settings.blocks:
        return f"the {settings.inputs[name].kind} {name!r}"
    if name in settings.features:
        return f"the feature {name!r} ({settings.features[name]})"
    return f"the {name} ({getattr(settings, name)})"


def _remedy(name: str, plan: Plan, rows: Rows, row: int) -> str:
    """Return what to do, by how long the lists are that the expression takes from: `x[0]` of an empty one is NaN."""
    expression = plan.features.get(name) or {"weight": plan.weight, "target": plan.target}.get(name)
    branches = expression.branches if expression else ()
    lengths = {
        branch: len(found) if (found := rows.chunk[branch][row]) is not None else 0
        for branch in branches
        if rows.chunk[branch].ndim > 1 and not is_text(rows.chunk[branch].layout)
    }
    if not lengths:
        return "select them away, or mend the expression (is -999 passed to a log?)"
    branch = min(lengths, key=lengths.__getitem__)
    written = branch if branch.isidentifier() else f"branch({branch!r})"
    if lengths[branch] == 0:
        return (
            f"its list {branch!r} is empty there; add (count({written}) > 0) to the selection, or give such entries a "
            f"number: where(count({written}) > 0, …, 0)"
        )
    return (
        f"its list {branch!r} has {lengths[branch]} there; select entries that have what the expression takes, as "
        f"(count({written}) > {lengths[branch]}), or mend it (does it take an element that is not there, or is -999 "
        "passed to a log?)"
    )
