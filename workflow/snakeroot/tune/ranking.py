"""Which trials are the best, of equals the earlier one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from snakeroot.tune.settings import Objective, direction

Trial = Mapping[str, Any]


def signed(trial: Trial, objective: Objective) -> float:
    """Return a trial's value of an objective, less being better."""
    value: float = trial["metrics"][objective]
    return value if direction(objective) == "minimize" else -value


def ranked(trials: Iterable[Trial], objective: Objective) -> list[Trial]:
    """Return the trials that have values, the best first."""
    return sorted(trials, key=lambda trial: (signed(trial, objective), trial["number"]))


def complete(trials: Iterable[Trial]) -> list[Trial]:
    """Return those that were trained to their end, and neither failed nor were stopped early."""
    return [trial for trial in trials if trial["state"] == "complete"]
