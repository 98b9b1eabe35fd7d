"""Which rows are in a region, and what is filled of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.evaluation import conditions, numbers
from snakeroot.physics.expressions.language import parse
from snakeroot.systematics.rows import Rows
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
