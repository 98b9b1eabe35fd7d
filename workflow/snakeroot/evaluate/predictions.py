"""Reading combined predictions: the columns that evaluation needs, with all classes in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.cancellation import add_up
from snakeroot.errors import SnakerootError
from snakeroot.evaluate import resampling
from snakeroot.networks.objectives import QUANTILE, SIGMA, columns

CLASSES = ("background", "signal")
"""Of a binary task, by target."""


@dataclass(frozen=True)
class Stated:
    """What a regression says of how uncertain its predictions are.

    Attributes:
        names: of the columns, as snakeroot.networks.objectives has them.
        shown: of the mean over the replicas, (n, names).
        replicas: of each replica, as `shown`.
    """

    names: tuple[str, ...]
    shown: NDArray[np.float64]
    replicas: list[NDArray[np.float64]]


@dataclass(frozen=True)
class Predictions:
    """The rows of one split; weights are yields at the task's luminosity.

    With several folds the rows are those of all of them: each event of the task once in the test split.

    Attributes:
        target: number of the class, or what a regression is to give, (n,).
        predicted: the mean over the replicas: (n,), or (n, classes) of a multiclass task.
        weight: (n,).
        event: number of the event that a row is of, (n,); of its group, if the task says what keeps rows together.
        replicas: what each replica predicted, as `predicted`.
        folds: how many folds the rows are of.
        path: the file that they are in, if they are in one.
        fold: number of the fold that a row is of, (n,); none, if all are of one.
        stated: how uncertain predictions say that they are; none, if they do not.
    """

    target: NDArray[Any]
    predicted: NDArray[np.float64]
    weight: NDArray[np.float64]
    event: NDArray[np.int64]
    replicas: list[NDArray[np.float64]]
    folds: int
    path: Path = Path()
    fold: NDArray[np.integer] | None = None
    stated: Stated | None = None

    def ensemble(self) -> Predictions:
        """Return the same rows with the mean over the replicas as the prediction of a single one."""
        stated = self.stated and replace(self.stated, replicas=[self.stated.shown])
        return replace(self, replicas=[self.predicted], stated=stated)

    @property
    def note(self) -> str:
        """What to say beside the model's name where `predicted` is shown."""
        return f" (mean of {len(self.replicas)})" if len(self.replicas) > 1 else ""

    @property
    def copies(self) -> float:
        """Rows per event: with several folds an event trains most of the networks."""
        return len(self.event) / (int(self.event.max()) + 1)

    def each_fold(self) -> list[int]:
        """Return the numbers of the folds."""
        return [0] if self.fold is None else np.unique(self.fold).tolist()

    def of_fold(self, fold: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return those of some rows that are of a fold."""
        return rows if self.fold is None else rows[self.fold[rows] == fold]

    def total(self, target: int) -> float:
        """Return the yield of one class."""
        return float(self.weight[self.target == target].sum())


def of_shown(measured: dict[str, Any]) -> dict[str, Any]:
    """Return, of a model's metrics, those of `Predictions.predicted`: of the ensemble, if there are replicas."""
    shown: dict[str, Any] = measured.get("ensemble", measured)
    return shown


def read(path: Path, split: str, model: str) -> Predictions:
    """Read those of a binary task; see `of_classes`."""
    return of_classes(path, split, model, columns("binary", CLASSES), CLASSES)


def multiclass(path: Path, split: str, model: str, classes: Sequence[str]) -> Predictions:
    """Read those of a multiclass task; see `of_classes`."""
    return of_classes(path, split, model, columns("multiclass", classes), classes)


def of_classes(path: Path, split: str, model: str, names: Sequence[str], classes: Sequence[str]) -> Predictions:
    """Read predictions; a class that is missing, or whose weights do not add up to more than zero, is an error."""
    return with_classes(of_columns(path, names), split, model, classes)


def with_classes(rows: Predictions, split: str, model: str, classes: Sequence[str]) -> Predictions:
    """Return the same rows, of which each class has some, whose weights add up to more than zero."""
    for number, name in reversed(list(enumerate(classes))):
        count = int(np.sum(rows.target == number))
        if not count:
            raise SnakerootError(
                f"{rows.path}: no event of class {name} in split {split} (model {model}); "
                f"give the task more {name} events, loosen its selection, or give split.{split} a larger share "
                "(for test: or fewer folds)"
            )
        if not add_up(rows.weight[rows.target == number]):
            raise SnakerootError(
                f"{rows.path}: the weights of class {name} in split {split} (model {model}) sum to "
                f"{rows.total(number):g} over {count} events, which must be above zero; check `weight` and "
                "`negative_weights` of the task"
            )
    return rows


def regression(path: Path, split: str, model: str) -> Predictions:
    """Read those of a regression, with what it says of its uncertainty; a sum of weights above zero is needed."""
    known = tables.open_parquet(path).schema_arrow.names
    names = [one.removesuffix("_0") for one in known if re.fullmatch(rf"({SIGMA}|{re.escape(QUANTILE)}[\d.]+)_0", one)]
    rows = of_columns(path, columns("regression", (), 0, names))
    if names:
        of_replicas = [one[:, 1:] for one in rows.replicas]
        stated = Stated(tuple(names), rows.predicted[:, 1:], of_replicas)
        means = [one[:, 0].copy() for one in rows.replicas]
        rows = replace(rows, predicted=rows.predicted[:, 0].copy(), replicas=means, stated=stated)
    rows = replace(rows, target=rows.target.astype(np.float64))
    check_total(path, split, model, rows.weight)
    return rows


def check_total(path: Path, split: str, model: str, weight: NDArray[np.float64]) -> None:
    """Raise a SnakerootError if there is no row, or their weights do not add up to more than zero."""
    if not add_up(weight):
        raise SnakerootError(
            f"{path}: the weights in split {split} (model {model}) sum to {weight.sum():g} over {len(weight)} events, "
            "which must be above zero; check `weight` and `negative_weights` of the task"
        )


def of_columns(path: Path, names: Sequence[str], target: str = "target") -> Predictions:
    """Read what was predicted under these names, side by side if there are several.

    Of another target than the main one it is the rows in which that is known.
    """
    found = _columns(path, names, target)
    pa.default_memory_pool().release_unused()  # or it would keep as much again of millions of rows
    return found


def _columns(path: Path, names: Sequence[str], target: str) -> Predictions:
    known = tables.open_parquet(path).schema_arrow.names
    identity = resampling.together(known)
    count = sum(bool(re.fullmatch(re.escape(names[0]) + r"_\d+", name)) for name in known)
    of_replicas = [[f"{name}_{replica}" for name in names] for replica in range(count)]
    wanted = [*identity, target, "fold", "weight", *(name for one in of_replicas for name in one), *names]
    table = tables.read(path, wanted)
    if target != "target":
        table = table.filter(pa.array(np.isfinite(table[target].to_numpy())))

    def together(chosen: Sequence[str]) -> NDArray[np.float64]:
        arrays = [table[name].to_numpy() for name in chosen]
        return arrays[0] if len(arrays) == 1 else np.stack(arrays, axis=1)

    replicas = [together(one) for one in of_replicas]
    return Predictions(
        target=table["target"].to_numpy() if target == "target" else table[target].to_numpy().astype(np.float64),
        predicted=replicas[0] if count == 1 else together(names),  # the mean of one is the same
        weight=table["weight"].to_numpy(),
        event=resampling.events(table.select(identity).to_pandas()),
        replicas=replicas,
        folds=len(table["fold"].unique()),
        path=path,
        fold=table["fold"].to_numpy() if len(table["fold"].unique()) > 1 else None,
    )
