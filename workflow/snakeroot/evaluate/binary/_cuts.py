"""Variables of the rows that are predicted, their bins, and which rows pass the cuts of the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from snakeroot import plotting
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import performance
from snakeroot.evaluate.join import numbers
from snakeroot.evaluate.predictions import Predictions
from snakeroot.evaluate.proportions import shares
from snakeroot.evaluate.resampling import Floats, Integers
from snakeroot.plotting.settings import Model, Variable

if TYPE_CHECKING:
    from snakeroot.evaluate.binary._profiled import Profiled


@dataclass(frozen=True)
class Binned:
    """A variable of all rows.

    Attributes:
        numbers: of it, (n,), NaN where it is undefined.
        limits, bins: those of its histogram, of equal bins.
    """

    numbers: Floats
    limits: tuple[float, float]
    bins: int

    @property
    def edges(self) -> Floats:
        """Of the bins, (bins + 1,)."""
        return np.linspace(*self.limits, self.bins + 1)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a number, (n,)."""
        return np.isfinite(self.numbers)

    def places(self) -> Integers:
        """Return the number of each row's bin, (n,): 0 is below, bins + 1 above the range, -1 undefined."""
        place = np.digitize(plotting.at_edges(self.numbers, self.edges), self.edges)
        return np.where(self.known, place, -1).astype(np.int64)

    def outside(self, weight: Floats) -> str:
        """Return what to say of what is in no bin."""
        filled = plotting.histogram(self.numbers[self.known], weight[self.known], self.limits, self.bins)
        return plotting.outside([filled], [float(weight[~self.known].sum() / weight.sum())])


@dataclass(frozen=True)
class Cut:
    """A cut on the score of a model.

    Attributes:
        efficiency: share of the signal that it is to keep.
        number: of it, among those of the model.
        at: the score.
        rows: the test split.
        passed: which of the rows pass, (n,).
    """

    model: Model
    efficiency: float
    number: int
    at: float
    rows: Predictions
    passed: NDArray[np.bool_]


def cuts(settings: Profiled, predictions: Sequence[Predictions]) -> list[Cut]:
    """Return the tightest cuts that keep at least these shares of the signal, model by model.

    Raises:
        SnakerootError: if the models have not predicted the same rows, in one order.
    """
    for other in predictions[1:]:
        for name in ("target", "event"):
            if not np.array_equal(getattr(predictions[0], name), getattr(other, name)):
                raise SnakerootError(
                    f"{other.path}: its rows are not those of {predictions[0].path}; delete both and run again"
                )
    return [cut for pair in zip(settings.models, predictions, strict=True) for cut in _of_model(settings, *pair)]


def _of_model(settings: Profiled, model: Model, rows: Predictions) -> Iterator[Cut]:
    curve = performance.Ranking(rows.target, rows.predicted).curve(rows.weight)
    for number, efficiency in enumerate(settings.efficiencies):
        at = float(curve.cut[int(np.argmax(curve.signal_efficiency >= efficiency))])
        yield Cut(model, efficiency, number, at, rows, rows.predicted >= at)


def binned(
    predictions: Predictions, features: Sequence[Path], variables: Sequence[Variable], most: int
) -> dict[str, Binned]:
    """Return variables at all rows of the predictions, by name, each with at most so many bins.

    Raises:
        SnakerootError: if one holds text, or is nowhere a number.
    """
    values = numbers(predictions.path, features, [one.name for one in variables], "evaluation.profiles")
    found = {}
    for one in variables:
        limits, bins = one.axis.range, min(one.axis.bins, most)
        if limits is None:
            limits, bins = plotting.binning(values[one.name], bins, one.name)
        found[one.name] = Binned(values[one.name], limits, bins)
    return found


def profile(variable: Binned, cut: Cut) -> pd.DataFrame:
    """Return what passes in each bin, and in all of them together, whose `low_edge` and `high_edge` are infinite.

    Columns of both classes are the number of rows, `<class>_entries`, the efficiency, `<class>`, and the ends of its
    68.3 % interval, `<class>_low` and `<class>_high`; then the background's rejection, with its ends.
    """
    edges = variable.edges
    table = pd.DataFrame({"low_edge": [*edges[:-1], -np.inf], "high_edge": [*edges[1:], np.inf]})
    for name, target in (("signal", 1), ("background", 0)):
        own = cut.rows.target == target
        passed, weight = cut.passed[own], cut.rows.weight[own]
        places = (variable.places()[own] - 1, variable.bins), (np.zeros(len(passed), np.int64), 1)
        parts = [shares(place, bins, passed, weight, cut.rows.copies) for place, bins in places]
        of_class = pd.concat(parts, ignore_index=True)
        table[f"{name}_entries"] = of_class["entries"]
        for column, end in (("share", ""), ("low", "_low"), ("high", "_high")):
            table[f"{name}{end}"] = of_class[column]
    with np.errstate(divide="ignore"):
        for name, end in (("rejection", ""), ("rejection_low", "_high"), ("rejection_high", "_low")):
            efficiency = table[f"background{end}"]
            table[name] = np.where(efficiency > 0, 1 / efficiency, np.where(efficiency <= 0, np.inf, np.nan))
    return table


def percent(efficiency: float) -> str:
    """Return "50 %"."""
    return f"{100 * efficiency:.3g} %"
