"""Traps in features: what looks like physics and is none, found in numbers and names without knowing the experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.names import Role

SEPARATES = 0.999
"""AUC above which a feature alone tells a class from the others: no observable of one event does."""
FEW = 500
"""Events of a class in the train split below which what is learned of it is rough."""
REPEATED = 10
"""Times that a value stands in a column on average for the column to be one of few values."""

_NINES = [float("9" * digits) for digits in range(1, 8)]
_ENDS = [2.0**31, 2.0**31 - 1, float(np.finfo(np.float32).max), float(np.finfo(np.float64).max)]
SENTINELS = np.array(
    sorted({*(-value for value in [1.0, 2.0, *_NINES, *(10.0**n for n in range(1, 11)), *_ENDS]), *_NINES[1:], *_ENDS})
)
"""What ntuples hold in place of a value that is not there."""


def separation(values: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Return how well a column alone tells some rows from the others: its AUC, or that of what can be made of it.

    Large values may mean either class. In a column of few values, as a constant of each sample is, each value means
    the class that has more of it.

    Args:
        values: numbers, shape (n,); what is not finite is left out.
        positive: whether a row is of the class, shape (n,).

    Returns:
        0.5 to 1; 0.5 where one side has no rows.
    """
    finite = np.isfinite(values)
    distinct, place = np.unique(values[finite], return_inverse=True)
    above = np.bincount(place, positive[finite], len(distinct))
    below = np.bincount(place, ~positive[finite], len(distinct))
    if not above.sum() or not below.sum():
        return 0.5
    area = _area(above, below)
    if REPEATED * len(distinct) <= len(place):
        order = np.argsort(above / (above + below), kind="stable")
        area = max(area, _area(above[order], below[order]))
    return max(area, 1 - area)


def _area(above: NDArray[Any], below: NDArray[Any]) -> float:
    """Return the AUC of counts at ascending values, ties counting half."""
    lower = np.cumsum(below) - below / 2
    return float((above * lower).sum() / (above.sum() * below.sum()))


@dataclass
class Column:
    """What is remembered of a column while its values pass by, to tell sentinels from real values.

    Attributes:
        known: how often each possible sentinel stood there.
        lowest, highest: of all other values.
        whole: whether these are whole numbers.
    """

    rows: int = 0
    known: Counter[float] = field(default_factory=Counter)
    lowest: float = np.inf
    highest: float = -np.inf
    whole: bool = True

    def add(self, values: NDArray[Any]) -> None:
        """Let values pass by, shape (n,); what is not finite counts as a row alone."""
        self.rows += len(values)
        plain = np.asarray(values, np.float64)
        plain = plain[np.isfinite(plain)]
        possible = np.isin(plain, SENTINELS)
        self.known.update(plain[possible].tolist())
        others = plain[~possible]
        if len(others):
            self.lowest, self.highest = min(self.lowest, others.min()), max(self.highest, others.max())
            self.whole = self.whole and bool((others == np.rint(others)).all())

    def sentinels(self) -> dict[float, float]:
        """Return the share of each value that stands for nothing: at an end, and far from all that is real."""
        return {
            value: count / self.rows
            for value, count in sorted(self.known.items())
            if count > 1 and self.lowest <= self.highest and self._apart(value)
        }

    def _apart(self, value: float) -> bool:
        if abs(value) < 9:  # -1 may be a charge; beside fractions of one sign it is no value
            return not self.whole and value < 0 <= self.lowest
        gap = max(self.lowest - value, value - self.highest)
        return gap >= abs(value) / 4


def remarks(traps: Mapping[str, Any]) -> list[str]:
    """Return what to say of traps, as the audit of the split has them: one sentence each, without its full stop."""
    return [
        *(named(name, of) for name, of in sorted(traps["named"].items())),
        *(separating(name, one["class"], one["auc"]) for name, one in sorted(traps["separating"].items())),
        *(marked(name, float(v), share) for name, of in sorted(traps["sentinels"].items()) for v, share in of.items()),
        *(few(name, events) for name, events in sorted(traps["few"].items())),
    ]


def named(feature: str, of: Role) -> str:
    """Return what to say of a feature that is an id or a weight."""
    what = {"id": "is a part of the events' identity", "weight": "is a weight of the events"}[of]
    return f"the feature {feature!r} {what}, which says how they were made and nothing of what happened: leave it out"


def separating(feature: str, label: str, auc: float) -> str:
    """Return what to say of a feature that separates the classes."""
    return (
        f"the feature {feature!r} alone tells {label} from all else (AUC {auc:.4f}), which no observable does: it "
        "says which sample an event is from; leave it out, or see that it means the same in all samples"
    )


def marked(feature: str, value: float, share: float) -> str:
    """Return what to say of a sentinel among real values."""
    return (
        f"{100 * share:.2g} % of the values of {feature!r} are {value:g}, far from all others: if that means 'not "
        f"there', write missing: {{{feature}: {value:g}}}, or select such events away"
    )


def few(label: str, events: float) -> str:
    """Return what to say of a class with few events."""
    return f"{label} has {events:.0f} events to train on, fewer than {FEW}: what is learned and measured is rough"
