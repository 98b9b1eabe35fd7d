"""Where whole numbers become float64, which has 53 bits: the one place, so that what is lost can be counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALL_WHOLE = 2**53
"""From this on float64 does not have all whole numbers."""

_COUNTED: ContextVar[tuple[Counter[str], str] | None] = ContextVar("_COUNTED", default=None)
"""Where losses are counted, and under which name."""


@contextmanager
def losses(name: str, counter: Counter[str] | None = None) -> Iterator[None]:
    """Count under this name how many different whole numbers become equal to another in float64 within the block.

    Args:
        counter: by default that of the block around, if there is any.
    """
    around = _COUNTED.get()
    counted = around[0] if counter is None and around else counter
    token = _COUNTED.set(None if counted is None else (counted, name))
    try:
        yield
    finally:
        _COUNTED.reset(token)


def doubles(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return float64."""
    converted = values.astype(np.float64, copy=False)
    counted = _COUNTED.get()
    if (
        counted
        and values.dtype.kind in "iuO"
        and max(-int(values.min(initial=0)), int(values.max(initial=0))) > ALL_WHOLE
    ):
        counter, name = counted
        if lost := len(np.unique(values)) - len(np.unique(converted)):
            counter[name] += lost
    return converted
