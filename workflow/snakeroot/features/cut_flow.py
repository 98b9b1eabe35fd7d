"""The cut flow: every entry that was read is accounted for, step by step, in number and in weight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

READ = "read"
WRITTEN = "written"


class Step(NamedTuple):
    """What is left: entries of the file, rows of them (as many, unless objects are the rows), and their weight."""

    entries: int = 0
    rows: int = 0
    weight: float = 0.0


@dataclass
class CutFlow:
    """Counts over chunks. `steps` keeps the order in which steps are first counted.

    Attributes:
        non_finite: rows in which a column is not finite.
        rounded: different numbers of a column that became equal to another in float32, chunk by chunk.
        inexact: different whole numbers that became equal to another in float64 on the way to a column, or in the
            selection or a definition, chunk by chunk.
        clipped: objects that a block leaves out of the rows that are written.
        by_entry: whether events are identified by their entries.
        share: of the entries that are read, which stand for all: their weights are divided by it.
        missing: written rows in which a feature is missing, or objects that are missing in a block of them.
    """

    steps: dict[str, Step] = field(default_factory=dict)
    non_finite: Counter[str] = field(default_factory=Counter)
    rounded: Counter[str] = field(default_factory=Counter)
    inexact: Counter[str] = field(default_factory=Counter)
    clipped: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    negative_weights: int = 0
    share: float = 1.0
    by_entry: bool = False

    def count(self, step: str, entry: NDArray[np.int64], weight: NDArray[np.float64]) -> None:
        """Add the rows that are left after `step`: ascending entries, and weights, which count if they are finite."""
        before = self.steps.get(step, Step())
        entries = int(np.count_nonzero(np.diff(entry))) + (len(entry) > 0)
        total = float(weight[np.isfinite(weight)].sum())
        self.steps[step] = Step(before.entries + entries, before.rows + len(entry), before.weight + total)

    def lose(self, column: str, count: int) -> None:
        """Add the numbers that became equal to another in float32, if there are any."""
        if count:
            self.rounded[column] += count

    def lack(self, column: str, count: int) -> None:
        """Add what is missing of a column, if anything is."""
        if count:
            self.missing[column] += count

    def add(self, other: CutFlow) -> None:
        """Add the counts of the rows that come next."""
        for step, (entries, rows, weight) in other.steps.items():
            before = self.steps.get(step, Step())
            self.steps[step] = Step(before.entries + entries, before.rows + rows, before.weight + weight)
        self.non_finite.update(other.non_finite)
        self.rounded.update(other.rounded)
        self.inexact.update(other.inexact)
        self.clipped.update(other.clipped)
        self.missing.update(other.missing)
        self.negative_weights += other.negative_weights

    def record(self) -> dict[str, Any]:
        """Return the cut flow as it stands in JSON."""
        return {
            "steps": [{"step": step, **left._asdict()} for step, left in self.steps.items()],
            "non_finite": dict(self.non_finite),
            "rounded": dict(self.rounded),
            **({"inexact": dict(self.inexact)} if self.inexact else {}),
            "clipped": dict(self.clipped),
            "negative_weights": self.negative_weights,
            **({"missing": dict(self.missing)} if self.missing else {}),
            **({"event_id": "entry"} if self.by_entry else {}),
            **({"share": self.share} if self.share != 1.0 else {}),
        }
