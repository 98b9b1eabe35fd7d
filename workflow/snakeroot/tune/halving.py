"""Successive halving: which trials of a round go on from a rung, as far as it is their results that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from snakeroot.tune.settings import Promotion, direction

Result = Mapping[str, Any]


def going_on(results: Sequence[Result], promotion: Promotion) -> set[int]:
    """Return the numbers of the trials that are trained further.

    Ranked are those that have not failed, nor stopped at a rung before: the best so far, of equals the earlier one,
    come first. A training that has ended by itself keeps its place among them, and has no need to go on.
    """
    sign = 1 if direction(promotion.objective) == "minimize" else -1
    ranked = sorted(
        (trial for trial in results if trial["state"] in ("running", "complete")),
        key=lambda trial: (sign * trial["metrics"][promotion.objective], trial["number"]),
    )
    return {trial["number"] for trial in ranked[: promotion.count] if trial["state"] == "running"}


def passed_on(trial: Result) -> dict[str, Any]:
    """Return what the next rung says of a trial that is not trained further."""
    if trial["state"] != "running":
        return dict(trial)
    return {**trial, "state": "pruned", "reason": f"others were better after epoch {trial['epochs']}"}
