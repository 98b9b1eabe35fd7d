"""Targets beside the main one, as a training reads them: each with weights of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.networks.objectives import OBJECTIVES, _objective
from snakeroot.networks.objectives._joint import Head, Joint
from snakeroot.networks.others import Other
from snakeroot.train.settings import Training
from snakeroot.train.target import Target, Weighed, class_scales

Floats = NDArray[np.float64]
Group = tuple[Floats, Sequence[NDArray[Any]]]
"""Of some rows the weights that the main target has in the training, (n,), and the other targets, each (n,)."""


def targets(
    others: Sequence[Other], balance: bool, scaling: Mapping[str, Mapping[str, Sequence[float]]]
) -> dict[str, Target]:
    """Return what the columns of the others mean, given the scaling, which knows how numbers are standardised."""
    found = {}
    for one in others:
        if one.kind == "binary":
            found[one.name] = Target((f"{one.name} = 0", f"{one.name} = 1"), balance)
        else:
            (mean,), (deviation,) = (scaling[one.target][key] for key in ("mean", "standard_deviation"))
            found[one.name] = Target((), balance, mean=mean, deviation=deviation)
    return found


def joint(
    main: _objective.Objective, others: Sequence[Other], known: Mapping[str, Target], training: Training
) -> _objective.Objective:
    """Return what a training is for: the main target alone, or the others with it."""
    heads = [
        Head(
            one.name,
            OBJECTIVES.load(one.kind).make(beside(training), 2, known[one.name].deviation),
            training.auxiliary[one.name],
        )
        for one in others
    ]
    return Joint(main, heads) if heads else main


def beside(training: Training) -> Training:
    """Return the training of the others: a loss that states an uncertainty is of the main target alone."""
    alone = training.loss in ("likelihood", "quantiles")
    return training.model_copy(update={"loss": "squared_error"}) if alone else training


class Others:
    """The other targets of the rows of one split, and the factors that make weights of them.

    Where a target is not known, its weight is 0. Of all rows together the weights of each target have mean 1, as those
    of the main one, however few of them it is known of; and of a label, those with it and those without it have the
    same sum, if classes are to be balanced.
    """

    def __init__(self, known: Mapping[str, Target]) -> None:
        self._known = dict(known)
        self._factors: list[Floats] = []

    @property
    def columns(self) -> list[str]:
        """The columns that they are in."""
        return [Other(name=name, kind="regression").target for name in self._known]

    def __len__(self) -> int:
        return len(self._known)

    def fit(self, groups: Callable[[], Iterator[Group]], rows: int, split: str) -> None:
        """Find the factors, from all rows of a split, some at a time.

        Raises:
            SnakerootError: if a target is known of no row, a label is the same for all, or weights add up to nothing.
        """
        for place, (name, target) in enumerate(self._known.items()):
            counts: list[int] = []
            try:
                factors = class_scales(_where_known(groups(), place, counts), target, split)
            except SnakerootError as error:
                raise SnakerootError(f"auxiliary.{name}, where it is known: {error}") from error
            self._factors.append(factors * (rows / sum(counts)))

    def beside(self, target: Floats, weight: Floats, values: Sequence[NDArray[Any]]) -> tuple[Floats, Floats]:
        """Return targets and weights of all, (n, 1 + others), of the main ones (n,) and of the others' columns."""
        targets, weights = [target], [weight]
        for column, of, factor in zip(values, self._known.values(), self._factors, strict=True):
            there = np.isfinite(column)
            known = np.where(there, column, 0.0)
            targets.append(np.where(there, of.scaled(known), 0.0))
            weights.append(np.where(there, weight * factor[of.numbers(known)], 0.0))
        return np.stack(targets, axis=1), np.stack(weights, axis=1)


def _where_known(groups: Iterable[Group], place: int, counts: list[int]) -> Iterator[Weighed]:
    """Yield one of the targets and the weights of the rows in which it is known, and note how many there are."""
    for weight, values in groups:
        there = np.isfinite(values[place])
        counts.append(int(there.sum()))
        yield values[place][there].astype(np.float64), weight[there], 1.0
