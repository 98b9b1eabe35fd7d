"""What float32, which networks take, cannot tell apart: its 24 bits make 600 times of this year two values.

Rounding as such is no loss, as it is small beside the spread of most features. Different numbers that become one are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOOKED_AT = 256
"""Values of a chunk that are looked at first, at most."""
SHARE = 0.05
"""Share of these that may become equal to others. Of values that spread evenly over M steps of float32 some 128 / M do,
so there is a loss where a feature spreads over fewer than 2500 of them."""
NOISE = 2.0**-40
"""Relative differences that are no loss: by these, sums differ that should be the same."""
EXACT, ALL_WHOLE = 2.0**24, 2.0**53
"""From the one on float32 does not have all whole numbers, from the other on float64 has no others."""


def lost(values: NDArray[Any]) -> int:
    """Return how many different numbers of a column (n,) become equal to another in float32; 0 if that is no loss.

    It is none if few of them do, but for whole numbers, each of which may mean something. NaN and infinity do not
    count. Whole numbers are counted as such, not as float64, in which they may have become one already.
    """
    if values.dtype.kind != "f":
        largest = max(abs(int(values.min())), abs(int(values.max()))) if values.size else 0
        return _merged(values) if largest > EXACT else 0
    # an odd step: what alternates from row to row is seen in both its ways
    some = values[:: -(-len(values) // LOOKED_AT) | 1]
    some = some[np.isfinite(some)]
    whole = EXACT <= np.abs(some).max(initial=0.0) < ALL_WHOLE and (some == np.rint(some)).all()
    part, exponent = np.frexp(some)
    clean = np.ldexp(np.rint(part / NOISE) * NOISE, exponent)
    return _merged(values[np.isfinite(values)]) if whole or _merged(clean) > SHARE * len(some) else 0


def _merged(values: NDArray[Any]) -> int:
    with np.errstate(over="ignore"):  # what overflows float32 is counted as not finite
        return len(np.unique(values)) - len(np.unique(values.astype(np.float64).astype(np.float32)))


def remarks(rounded: Mapping[str, int], inexact: Mapping[str, int]) -> list[str]:
    """Return what to say of the columns with such numbers, and of those that lost whole numbers to float64 before."""
    return [
        *(_single(column, count) for column, count in rounded.items()),
        *(_double(what, count) for what, count in inexact.items()),
    ]


def _double(what: str, count: int) -> str:
    return (
        f"{count} different whole numbers in {what!r} became equal to others in float64, which has 53 bits, as "
        "elements of lists do and what is beside a fraction: subtract a whole number first, as in "
        "(x - 1700000000000000000)[0]"
    )


def _single(column: str, count: int) -> str:
    return (
        f"{count} different values of {column!r} became equal to others in float32, which has 24 bits: subtract an "
        "offset in its expression, as in 'time - 1700000000' (a whole number of whole numbers), or change its unit"
    )
