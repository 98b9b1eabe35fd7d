"""Which rows are in a region, and what is filled of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.evaluation import conditions, numbers
from snakeroot.physics.expressions.language import parse
from snakeroot.templates.rows import Rows
from snakeroot.templates.settings import Filled

Floats = NDArray[np.float64]


def selected(name: str, region: Filled, rows: Rows) -> NDArray[np.bool_]:
    """Return which rows are in a region, (n,).

    Raises:
        SnakerootError: if what it selects by is no condition.
    """
    if not region.selection:
        return np.ones(len(rows.sample), bool)
    try:
        return conditions(parse(region.selection), rows.values, rows.entry)
    except SnakerootError as error:
        raise SnakerootError(f"templates.regions.{name}.selection: {error}") from error


def observed(name: str, region: Filled, rows: Rows) -> Floats:
    """Return what is filled of each row, (n,)."""
    try:
        return numbers(parse(region.observable), rows.values, rows.entry)
    except SnakerootError as error:
        raise SnakerootError(f"templates.regions.{name}.observable: {error}") from error


def factor(where: str, text: str, rows: Rows, applied: NDArray[np.bool_]) -> Floats:
    """Return a factor on the weight of each row, (n,); 1 where it does not apply.

    Raises:
        SnakerootError: if it is not finite somewhere.
    """
    try:
        factors = numbers(parse(text), rows.values, rows.entry)
    except SnakerootError as error:
        raise SnakerootError(f"{where}: {error}") from error
    bad = applied & ~np.isfinite(factors)
    if bad.any():
        raise SnakerootError(
            f"{where}: the factor {text!r} is not finite in {int(bad.sum())} events, the first of them "
            f"{rows.called(int(bad.argmax()))}"
        )
    return np.where(applied, factors, 1.0)


def disjoint(regions: Mapping[str, NDArray[np.bool_]], rows: Rows) -> None:
    """Check that no row is in two regions: a fit would count it twice.

    Raises:
        SnakerootError: naming the two.
    """
    names = list(regions)
    for place, name in enumerate(names):
        for other in names[:place]:
            if count := int((both := regions[name] & regions[other]).sum()):
                raise SnakerootError(
                    f"templates.regions: {count} events are in {other!r} and in {name!r}, the first of them "
                    f"{rows.called(int(both.argmax()))}: a fit would count them twice; make their selections exclude "
                    "each other"
                )
