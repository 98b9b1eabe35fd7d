"""The cut flow: every entry that was read is accounted for, step by step, in number and in weight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

READ = "read"
WRITTEN = "written"


@dataclass
class CutFlow:
    """Counts over chunks. `steps` keeps the order in which steps are first counted."""

    steps: dict[str, tuple[int, float]] = field(default_factory=dict)
    non_finite: Counter[str] = field(default_factory=Counter)
    negative_weights: int = 0

    def count(self, step: str, weights: NDArray[np.float64]) -> None:
        """Add the entries that are left after `step`, with their weights; what is not finite adds no weight."""
        entries, weight = self.steps.get(step, (0, 0.0))
        self.steps[step] = (entries + len(weights), weight + float(weights[np.isfinite(weights)].sum()))

    def record(self) -> dict[str, Any]:
        """Return the cut flow as it stands in JSON."""
        return {
            "steps": [{"step": step, "entries": n, "weight": w} for step, (n, w) in self.steps.items()],
            "non_finite": dict(self.non_finite),
            "negative_weights": self.negative_weights,
        }
