"""Columns of Arrow as branches: nested lists of numbers, conditions or text, in which some may be missing.

awkward's own `from_arrow` is not used: it forgets what is missing in an array that is a slice of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from awkward.contents import ByteMaskedArray, Content, ListOffsetArray, NumpyArray
from awkward.index import Index8, Index64
from pyarrow import types

from snakeroot.features.limits import BOMB, check_unpacked


class NoTextError(Exception):
    """Bytes are not UTF-8."""


def is_list(kind: pa.DataType) -> bool:
    """Whether values of a type are lists, of any length or of one."""
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def unsuited(kind: pa.DataType) -> str | None:
    """Return what values of a type are that cannot be read; None if they can."""
    if types.is_dictionary(kind):
        return unsuited(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind) or is_text(kind):
        return None
    if types.is_null(kind):
        return "nothing at all"
    if types.is_map(kind):
        return "maps of keys to values"
    if types.is_temporal(kind):
        return f"dates or times ({kind})"
    return f"decimals ({kind})" if types.is_decimal(kind) else f"values of the type {kind}"


def is_text(kind: pa.DataType) -> bool:
    """Whether values of a type are text, or bytes that may be."""
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return bool(text or types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind))


def bare(kind: pa.DataType) -> pa.DataType:
    """Return a type without what other libraries, as awkward, have said of it."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _bare(array: pa.Array) -> pa.Array:
    return array.storage if isinstance(array, pa.ExtensionArray) else array


def innermost(array: pa.Array, parts: Sequence[str]) -> pa.Array:
    """Return the values of all lists, one after the other.

    Args:
        parts: names of the fields to take of records, from the outermost on.
    """
    array = _bare(array)
    if types.is_struct(array.type):
        return innermost(_field(array, parts[0]), parts[1:])
    return innermost(array.flatten(), parts) if is_list(array.type) else array


def branch(array: pa.Array, parts: Sequence[str] = (), optional: bool = False) -> ak.Array:
    """Return a column, or a part of its records, as a branch; missing lists are empty.

    Args:
        parts: as of `innermost`.
        optional: of whole numbers: whether the file has none in some places, be it in other chunks than this one.

    Raises:
        ValueError: if some are missing where none should be.
        NoTextError: if what would be text is not UTF-8.
    """
    return ak.Array(_content(array, parts, optional))


def _content(array: pa.Array, parts: Sequence[str], optional: bool) -> Content:
    array = _bare(array)
    if types.is_struct(array.type):
        return _content(_field(array, parts[0]), parts[1:], optional)
    if is_list(array.type):
        counts = _numpy(pc.list_value_length(array).fill_null(0))
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
        return ListOffsetArray(Index64(offsets), _content(array.flatten(), parts, optional))
    if types.is_dictionary(array.type):
        array = _written_out(array)
    if types.is_integer(array.type) and array.null_count and not optional:
        raise ValueError("a value is missing where none should be")
    content = _text(array) if is_text(array.type) else NumpyArray(_numpy(_filled(array)))
    if not (optional or array.null_count):
        return content
    return ByteMaskedArray(Index8(_numpy(array.is_null()).astype(np.int8)), content, valid_when=False)


def _written_out(array: pa.DictionaryArray) -> pa.Array:
    """Return what the dictionary of an array says of each place.

    Raises:
        LimitError: if that is far more text than there is in the dictionary.
    """
    if is_text(array.type.value_type) and len(array.dictionary):
        lengths = pc.binary_length(array.dictionary)
        if pc.max(lengths).as_py() * len(array) > BOMB:
            check_unpacked(array.nbytes, pc.sum(lengths.take(array.indices)).as_py() or 0)
    return array.dictionary_decode()


def _field(array: pa.StructArray, name: str) -> pa.Array:
    """Return a field of records, missing where the record is."""
    return array.flatten()[array.type.get_field_index(name)]


def _filled(array: pa.Array) -> pa.Array:
    if types.is_float16(array.type):
        array = array.cast(pa.float32())
    return array.fill_null(False if types.is_boolean(array.type) else 0) if array.null_count else array


def _text(array: pa.Array) -> Content:
    try:
        array = array.cast(pa.large_string())
    except pa.ArrowInvalid as error:
        raise NoTextError from error
    _, offsets, letters = array.buffers()
    begins = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    content = NumpyArray(np.frombuffer(letters or b"", np.uint8), parameters={"__array__": "char"})
    return ListOffsetArray(Index64(begins), content, parameters={"__array__": "string"})


def _numpy(array: pa.Array) -> np.ndarray[Any, Any]:
    return array.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]
