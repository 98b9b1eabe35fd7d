"""Reading predictions: the columns that evaluation needs, with both classes in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from snakeroot import tables
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import performance
from snakeroot.settings import ID

CLASSES = {1: "signal", 0: "background"}


@dataclass(frozen=True)
class Predictions:
    """The events of one split, each array (n,); weights are yields at the task's luminosity."""

    target: NDArray[np.int8]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]
    event: NDArray[np.int64]

    def total(self, target: int) -> float:
        """Return the yield of one class."""
        return float(self.weight[self.target == target].sum())


def read(path: Path, split: str, model: str) -> Predictions:
    """Read predictions; a class that is missing, or whose weights do not add up to more than zero, is an error."""
    columns = tables.open_parquet(path).schema_arrow.names
    identity = [name for name in columns if name.startswith(ID)]
    table = tables.read(path, [*identity, "target", "score", "weight"])
    found = Predictions(
        target=table["target"].to_numpy(),
        score=table["score"].to_numpy(),
        weight=table["weight"].to_numpy(),
        event=performance.events(table.select(identity).to_pandas()),
    )
    for number, name in CLASSES.items():
        count = int(np.sum(found.target == number))
        if not count:
            raise SnakerootError(
                f"{path}: no event of class {name} in split {split} (model {model}); "
                f"give the task more {name} events, loosen its selection, or give split.{split} a larger share"
            )
        if not found.total(number) > 0:
            raise SnakerootError(
                f"{path}: the weights of class {name} in split {split} (model {model}) sum to {found.total(number):g} "
                f"over {count} events, which must be above zero; check `weight` and `negative_weights` of the task"
            )
    return found
