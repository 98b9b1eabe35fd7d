"""Columns of tables as arrays of numpy, and back: pyarrow's own ways import pandas, a quarter of a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def column(values: NDArray[Any]) -> pa.Array:
    """Return numbers or conditions (n,) as a column without nulls: numbers in the same memory, if it is contiguous."""
    if values.dtype.kind == "b":
        buffer = pa.py_buffer(np.packbits(values, bitorder="little"))
    else:
        buffer = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, buffer])


def text(value: str) -> pa.Array:
    """Return a column of one text."""
    content = value.encode()
    begins = np.array([0, len(content)], np.int32)
    return pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(begins), pa.py_buffer(content)])


def conditions(column: pa.Array) -> NDArray[np.bool_]:
    """Return conditions without nulls (n,)."""
    return np.from_dlpack(column.cast(pa.uint8())).view(np.bool_)
