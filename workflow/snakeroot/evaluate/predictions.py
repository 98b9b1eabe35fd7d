"""Reading combined predictions: the columns that evaluation needs, with both classes in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import performance
from snakeroot.settings import ID

CLASSES = {1: "signal", 0: "background"}


@dataclass(frozen=True)
class Predictions:
    """The rows of one split, each array (n,); weights are yields at the task's luminosity.

    With several folds the rows are those of all of them: each event of the task once in the test split.

    Attributes:
        score: the mean over the replicas.
        replicas: the score of each replica.
        folds: how many folds the rows are of.
    """

    target: NDArray[np.int8]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    event: NDArray[np.int64]
    replicas: list[NDArray[np.float64]]
    folds: int

    def ensemble(self) -> Predictions:
        """Return the same rows with the mean over the replicas as the score of a single one."""
        return replace(self, replicas=[self.score])

    @property
    def note(self) -> str:
        """What to say beside the model's name where `score` is shown."""
        return f" (mean of {len(self.replicas)})" if len(self.replicas) > 1 else ""

    @property
    def copies(self) -> float:
        """Rows per event: with several folds an event trains most of the networks."""
        return len(self.event) / (int(self.event.max()) + 1)

    def total(self, target: int) -> float:
        """Return the yield of one class."""
        return float(self.weight[self.target == target].sum())


def of_shown(measured: dict[str, Any]) -> dict[str, Any]:
    """Return, of a model's metrics, those of `Predictions.score`: of the ensemble, if there are several replicas."""
    shown: dict[str, Any] = measured.get("ensemble", measured)
    return shown


def read(path: Path, split: str, model: str) -> Predictions:
    """Read predictions; a class that is missing, or whose weights do not add up to more than zero, is an error."""
    columns = tables.open_parquet(path).schema_arrow.names
    identity = [name for name in columns if name.startswith(ID)]
    replicas = [name for name in columns if re.fullmatch(r"score_\d+", name)]
    table = tables.read(path, [*identity, "target", "fold", "weight", *replicas, "score"])
    found = Predictions(
        target=table["target"].to_numpy(),
        score=table["score"].to_numpy(),
        weight=table["weight"].to_numpy(),
        event=performance.events(table.select(identity).to_pandas()),
        replicas=[table[name].to_numpy() for name in replicas],
        folds=len(table["fold"].unique()),
    )
    for number, name in CLASSES.items():
        count = int(np.sum(found.target == number))
        if not count:
            raise SnakerootError(
                f"{path}: no event of class {name} in split {split} (model {model}); "
                f"give the task more {name} events, loosen its selection, or give split.{split} a larger share "
                "(for test: or fewer folds)"
            )
        if not found.total(number) > 0:
            raise SnakerootError(
                f"{path}: the weights of class {name} in split {split} (model {model}) sum to {found.total(number):g} "
                f"over {count} events, which must be above zero; check `weight` and `negative_weights` of the task"
            )
    return found
