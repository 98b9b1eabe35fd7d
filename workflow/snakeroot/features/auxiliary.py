"""Targets beside the main one: computed as features are, and NaN where they are not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.missing_settings import NAN
from snakeroot.networks.others import target
from snakeroot.physics.expressions.language import Expression, parse

if TYPE_CHECKING:
    from snakeroot.features.settings import FeaturesSettings


class Wanted(NamedTuple):
    """One of them.

    Attributes:
        expression: of it; None where it is not known.
        sentinels: values that stand for "not known"; NaN is one of them.
        label: whether it is 0 or 1.
    """

    expression: Expression | None
    sentinels: list[float | str]
    label: bool


def wanted(settings: FeaturesSettings) -> dict[str, Wanted]:
    """Return them by column."""
    return {
        target(name): Wanted(
            parse(one.target) if one.target else None,
            [*settings.missing_values(name), NAN],
            one.kind == "binary",
        )
        for name, one in settings.auxiliary.items()
    }


def expressions(every: dict[str, Wanted]) -> Iterator[Expression]:
    """Yield those of what is known."""
    return (one.expression for one in every.values() if one.expression)


def checked(column: str, one: Wanted, values: NDArray[Any], entry: NDArray[np.int64]) -> None:
    """Refuse a label that is something else in a row.

    Args:
        values: of the rows, (n,), NaN where it is not known.
        entry: number of each row's entry.

    Raises:
        SnakerootError: with the first such entry.
    """
    wrong = ~(np.isnan(values) | np.isin(values, (0.0, 1.0)))
    if one.label and one.expression and wrong.any():
        first = int(wrong.argmax())
        raise SnakerootError(
            f"auxiliary.{column.partition('.')[2]}: {one.expression.text!r} is {values[first]:g} in entry "
            f"{entry[first]}, and a label is 0 or 1: compare it with something, or declare what means 'not known' "
            "in 'missing'"
        )
