"""What is NaN or infinite in a column: counted and dropped, or refused with what is most likely the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.inputs import StoredImage
from snakeroot.features.rows import Rows
from snakeroot.physics.expressions.undefined import remedy

if TYPE_CHECKING:
    from snakeroot.features.extract import Plan


def finite(
    columns: Mapping[str, NDArray[np.floating]],
    missing: Mapping[str, NDArray[np.bool_]],
    plan: Plan,
    rows: Rows,
    flow: CutFlow,
) -> NDArray[np.bool_]:
    """Return which rows are finite in all columns; count the others by column, or refuse them by policy.

    Args:
        missing: rows in which a column may be NaN.
    """
    good = np.ones(len(rows), dtype=bool)
    for name, values in columns.items():
        bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
        if name in missing:
            bad &= ~missing[name]
        if bad.any():
            flow.non_finite[name] += int(bad.sum())
            good &= ~bad
            if plan.settings.non_finite == "error":
                raise _refusal(name, values[bad], plan, rows.keep(bad))
    return good


def _refusal(name: str, values: NDArray[np.floating], plan: Plan, rows: Rows) -> SnakerootError:
    """Return the error of a column that is not finite in these rows, by what is the matter with the first of them."""
    first = rows.keep(np.arange(len(rows)) == 0)
    what, hint = "NaN or infinite", _remedy(name, plan, first)
    if hint is None and not np.isnan(values[0]).any() and _finite_sources(name, plan, first):
        what = "no finite number of float32"
        hint = f"it is beyond {np.finfo(np.float32).max:.2g}, where float32 ends; change its unit"
    elif hint is None and (sentinels := plan.settings.missing_values(name)):
        what, hint = f"missing ({' or '.join(map(_short, sentinels))})", "select them away"
    keep = ", or 'missing: nan' to keep them as missing" if name in plan.features and np.isnan(values[0]) else ""
    return SnakerootError(
        f"{_called(name, plan)} is {what} in {len(rows)} selected entries, the first of them entry {rows.entry[0]}: "
        f"{hint or 'select them away, or mend the expression'}, or say 'non_finite: drop' to count and drop them{keep}"
    )


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _called(name: str, plan: Plan) -> str:
    settings = plan.settings
    if name in settings.blocks:
        return f"the {settings.inputs[name].kind} {name!r}"
    if name in settings.features:
        return f"the feature {name!r} ({settings.features[name]})"
    if name in plan.auxiliary:
        other = name.partition(".")[2]
        return f"the auxiliary target {other!r} ({settings.auxiliary[other].target})"
    return f"the {name} ({getattr(settings, name)})"


def _finite_sources(name: str, plan: Plan, rows: Rows) -> bool:
    """Whether all that a column is computed from in these rows is finite, as far as it is known."""
    block = plan.settings.blocks.get(name)
    if not isinstance(block, StoredImage):
        return True
    if block.transform:
        return False
    return bool(np.isfinite(np.asarray(rows.chunk[block.dataset], np.float64)).all())


def _remedy(name: str, plan: Plan, row: Rows) -> str | None:
    """Return what to do about the expression that is not finite in this one row; None if all are finite."""
    others = {column: one.expression for column, one in plan.auxiliary.items()}
    one = plan.features.get(name) or {"weight": plan.weight, "target": plan.target, **others}.get(name)
    for expression in [one] if one else plan.blocks.get(name, {}).values():
        if advice := remedy(expression, row.scope, row.entry):
            return advice
    return None
