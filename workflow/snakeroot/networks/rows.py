"""Rows of features as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data.files import read_json
from snakeroot.networks.inputs import Input, places, size


def numbers(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column of numbers without nulls, read-only where it needs no copy: shape (rows,).

    A column of blocks, which are lists of one size, has the shape (rows, size).
    Through DLPack: pyarrow's own way to numpy imports pandas, a quarter of a second.
    """
    if pa.types.is_fixed_size_list(column.type):
        blocks = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
        return numbers(blocks).reshape(len(column), column.type.list_size)
    chunks = [np.from_dlpack(chunk) for chunk in column.chunks] or [np.empty(0, column.type.to_pandas_dtype())]
    return chunks[0] if len(chunks) == 1 else np.concatenate(chunks)


def matrix(table: pa.Table, inputs: Sequence[Input]) -> NDArray[np.float32]:
    """Return the columns of the inputs side by side: float32, (rows, size of all inputs), contiguous by row."""
    values = np.empty((table.num_rows, size(inputs)), dtype=np.float32)
    for place, one in zip(places(inputs), inputs, strict=True):
        values[:, place] = numbers(table[one.name]).reshape(-1, one.size)
    return values


def yields(table: pa.Table, normalisation: Path) -> NDArray[np.float64]:
    """Return the rows' weights as yields at the luminosity: the raw weight times the factor of its sample."""
    samples = read_json(normalisation)["samples"]
    coded = table["sample"].combine_chunks().dictionary_encode()
    factors = np.array([samples[name]["factor"] for name in coded.dictionary.to_pylist()])
    return np.asarray(numbers(table["weight"]) * factors[np.from_dlpack(coded.indices)])
