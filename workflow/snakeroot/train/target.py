"""What targets mean to a training, and what makes training weights of event weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from snakeroot.data.cancellation import positive
from snakeroot.errors import SnakerootError

Weighed = tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64] | float]
"""Targets (n,), weights (n,), and what is multiplied on these, (n,) or one number."""


@dataclass(frozen=True)
class Target:
    """What the column of targets means.

    Attributes:
        classes: names of the classes, by number; none if targets are no classes.
        balance: whether all classes count alike.
        priors: relative sums of the classes' weights, in place of `balance`; or none.
        known: whether there are targets at all; if not, all rows weigh the same.
        mean, deviation: by which the target of a regression is standardised.
    """

    classes: Sequence[str] = ()
    balance: bool = True
    priors: Sequence[float] = ()
    known: bool = True
    mean: float = 0.0
    deviation: float = 1.0

    @property
    def columns(self) -> list[str]:
        """The columns of weight and target."""
        return ["weight", "target"] if self.known else ["weight"]

    def numbers(self, target: NDArray[Any]) -> NDArray[np.int64]:
        """Return the class of each row, all 0 if there are none."""
        return target.astype(np.int64) if self.classes else np.zeros(len(target), np.int64)

    def scaled(self, target: NDArray[Any]) -> NDArray[np.float64]:
        """Return the targets as a network is to give them."""
        return (target.astype(np.float64) - self.mean) / self.deviation


def class_scales(groups: Iterable[Weighed], target: Target, split: str) -> NDArray[np.float64]:
    """Return the factor for each class that makes weights of mean 1, on top of the factors on single rows.

    Raw weights can be 1e-5 each, which would shrink every gradient with them. Balanced, all classes have the same sum;
    with priors, sums that are to each other as these; else as the weights without the factors on rows.

    Args:
        groups: targets (n,), weights (n,) and factors on them, (n,) or a number, some rows at a time.

    Raises:
        SnakerootError: if a class is missing or its weights add up to nothing, or less.
    """
    names = [f"{name} events" for name in target.classes] or ["events"]
    counts, sums, magnitudes = np.zeros(len(names), np.int64), np.zeros((2, len(names))), np.zeros((2, len(names)))
    for targets, weight, factor in groups:
        numbers = target.numbers(targets)
        for value in range(len(names)):
            chosen = numbers == value
            counts[value] += chosen.sum()
            for kind, weights in enumerate((weight, weight * factor)):
                own = weights[chosen]
                sums[kind, value] += own.sum()
                magnitudes[kind, value] += np.abs(own).sum()
    for name, count in zip(names, counts, strict=True):
        if not count:
            raise SnakerootError(f"the {split} split has no {name}: add events, or give it a larger fraction")
    for name, total, magnitude in zip(names * 2, sums.flat, magnitudes.flat, strict=True):
        if not positive(total, magnitude):
            raise SnakerootError(
                f"the weights of the {name} in the {split} split add up to {total:g} (their magnitudes to "
                f"{magnitude:g}); is 'weight' right? "
                "With negative weights, more events or 'negative_weights: absolute' may help"
            )
    raw, weighted = sums
    if target.priors:
        shares = np.asarray(target.priors, np.float64)
        return np.asarray(counts.sum() * (shares / shares.sum()) / weighted)
    if target.balance:
        return np.asarray(counts.sum() / (len(names) * weighted))
    return np.asarray(counts.sum() / np.full(len(names), raw.sum()) * (raw / weighted))
