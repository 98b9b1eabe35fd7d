"""Results of trials: which of them are failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def failed(reason: str) -> dict[str, Any]:
    """Return the outcome of a trial that has none."""
    return {"state": "fail", "reason": reason, "metrics": None, "epochs": None, "best_epoch": None}


def judged(trials: Iterable[Mapping[str, Any]], objective: Sequence[str]) -> list[dict[str, Any]]:
    """Return the trials; one that an objective is null of, as it was not a number, has failed.

    That is for the search to say and not for the trial, which knows nothing of the objective.
    """
    return [{**trial, **_failure(trial["metrics"] or {}, objective)} for trial in trials]


def _failure(metrics: Mapping[str, float | None], objective: Sequence[str]) -> dict[str, Any]:
    missing = [name for name in objective if name in metrics and metrics[name] is None]
    return failed(f"the validation {missing[0]} of its best epoch is not a number") if missing else {}
