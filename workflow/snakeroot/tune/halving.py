"""Successive halving: which trials of a round go on from a rung, as far as it is their results that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from snakeroot.tune.ranking import ranked
from snakeroot.tune.settings import Promotion

Result = Mapping[str, Any]


def going_on(results: Sequence[Result], promotion: Promotion) -> set[int]:
    """Return the numbers of the trials that are trained further.

    Ranked are those that have not failed, nor stopped at a rung before: the best so far, of equals the earlier one,
    come first. A training that has ended by itself keeps its place among them, and has no need to go on.
    """
    rivals = [trial for trial in results if trial["state"] in ("running", "complete")]
    best = ranked(rivals, promotion.objective)[: promotion.count]
    return {trial["number"] for trial in best if trial["state"] == "running"}


def passed_on(trial: Result) -> dict[str, Any]:
    """Return what the next rung says of a trial that is not trained further."""
    if trial["state"] != "running":
        return dict(trial)
    return {**trial, "state": "pruned", "reason": f"others were better after epoch {trial['epochs']}"}
