"""A number that follows from weighted rows, what each row has to do with it, and so how surely two of them differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import add_up
from snakeroot.evaluate.resampling import Floats, Integers


@dataclass(frozen=True)
class Quantity:
    """A number of a model.

    Attributes:
        name: what it is, as `metrics.json` calls it.
        title: what it is called.
        value: NaN where it has none.
        influence: of each row, (n,): by how much the value grows, to first order, for each relative change of the row's
            weight (F. Hampel, J. Am. Stat. Assoc. 69 (1974) 383).
        style: format of the value.
        relative: whether shifts of it are shown as shares of it.
        point: of a working point: the share of the signal that it is to keep, or the background that it is to reject.
        main: whether it is shown; the others are in the numbers alone.
    """

    name: str
    title: str
    value: float
    influence: Floats
    style: str = ".4f"
    relative: bool = False
    point: float | None = None
    main: bool = True


@dataclass(frozen=True)
class Weighed:
    """Rows as they are measured.

    Attributes:
        target: number of the class, or what a regression is to give, (n,).
        predicted: (n,), or (n, classes) of a multiclass task.
        weight: as it is varied, (n,).
        known: the same without what a variation of weights makes of it, (n,): its sum is known from all events of the
            samples, whichever are here.
        event: number of the event that a row is of, or of its group, (n,); nominal and varied rows of one event have
            the same.
    """

    target: NDArray[np.int64] | Floats
    predicted: Floats
    weight: Floats
    known: Floats
    event: Integers


def mean(values: Floats, weight: Floats) -> tuple[float, Floats]:
    """Return the mean of values (n,) for weights (n,), and the influence of each row, (n,).

    NaN if the weights add up to nothing.
    """
    if not add_up(weight):
        return float("nan"), np.full(len(weight), np.nan)
    total = weight.sum()
    value = float((weight * values).sum() / total)
    return value, weight * (values - value) / total


def error(one: Floats, event: Integers, other: Floats | None = None, other_event: Integers | None = None) -> float:
    """Return the statistical error of a number or, given another one, of their difference, which may share events.

    The root of the sum over the events of their squared influence: what the bootstrap by event tends to for many events
    (the infinitesimal jackknife: B. Efron, The jackknife, the bootstrap and other resampling plans, 1982, chapter 6).
    Of an area under a curve it is the error of E. DeLong et al., Biometrics 44 (1988) 837. An event that does the same
    to both has no part in the error of their difference.

    Args:
        one, other: influences, (n,) and (m,).
        event, other_event: the events that these are of.
    """
    of_events: Floats = np.bincount(event, one).astype(np.float64)
    if other is not None and other_event is not None:
        more = np.bincount(other_event, other)
        both = np.zeros(max(len(of_events), len(more)))
        both[: len(of_events)] += of_events
        both[: len(more)] -= more
        of_events = both
    return float(np.sqrt(np.square(of_events).sum()))
