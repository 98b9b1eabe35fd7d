"""A hash of an event's identity: the same event falls on the same number in every file, order and run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data.arrays import conditions
from snakeroot.errors import SnakerootError
from snakeroot.settings import ID

Hash = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def splitmix64(bits: Hash) -> Hash:
    """The output function of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), a bijection of 64-bit words."""
    bits = bits + _GOLDEN
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def event_hash(table: pa.Table, event_id: Sequence[str], seed: int = 0) -> Hash:
    """Return a uint64 per row: a hash of the exact bits of the id columns, in the given order.

    Args:
        table: rows with the columns `id_<branch>`, as the features stage writes them.
        event_id: the branches.
        seed: another seed gives an independent hash.
    """
    # the seed is mixed first: its neighbours would otherwise only swap the events of a single integer column
    state = splitmix64(np.full(table.num_rows, seed, dtype=np.uint64))
    for name in event_id:
        bits = exact_bits(name, table[ID + name])
        state = splitmix64(
            state ^ (_text_bits(bits) if pa.types.is_string(bits.type) else np.from_dlpack(bits).view(np.uint64))
        )
    return state


def row_hash(table: pa.Table, columns: Sequence[str]) -> Hash:
    """Return a uint64 per row: a hash of the exact bits of columns of any type but dictionaries, in the given order."""
    state = splitmix64(np.zeros(table.num_rows, dtype=np.uint64))
    for name in columns:
        state = splitmix64(state ^ _any_bits(table[name].combine_chunks()))
    return state


def unit_interval(hashes: Hash) -> NDArray[np.float64]:
    """Map hashes to [0, 1), uniformly: the upper 53 bits as a fraction."""
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


def exact_bits(name: str, column: pa.ChunkedArray) -> pa.Array:
    """Return numbers as uint64 with the same bits (integers by value, floats by their IEEE 754 code), text as it is."""
    whole = column.combine_chunks()
    if whole.null_count:
        raise SnakerootError(f"the column {name!r} is missing in {whole.null_count} entries")
    if pa.types.is_string(whole.type):
        return whole
    if pa.types.is_boolean(whole.type):
        return whole.cast(pa.uint8()).cast(pa.uint64())
    return whole.view(pa.uint64())


def _any_bits(column: pa.Array) -> Hash:
    """Hash what need not be an identity: nulls, numbers of any width, and blocks by the place of each number."""
    if pa.types.is_fixed_size_list(column.type):
        words = np.from_dlpack(column.flatten()).view(np.uint32).reshape(len(column), column.type.list_size)
        places = np.arange(words.shape[1], dtype=np.uint64) << np.uint64(32)
        bits: Hash = splitmix64(words | places).sum(axis=1, dtype=np.uint64)
        return bits
    if pa.types.is_string(column.type):
        bits = _text_bits(column.fill_null("") if column.null_count else column)
    else:
        plain = column.cast(pa.uint8()) if pa.types.is_boolean(column.type) else column
        values = np.from_dlpack(plain.fill_null(0) if column.null_count else plain)
        bits = (values.view(f"u{values.itemsize}") if values.dtype.kind == "f" else values).astype(np.uint64)
    return np.where(conditions(column.is_null()), _GOLDEN, bits) if column.null_count else bits


def _text_bits(column: pa.Array) -> Hash:
    """Hash the UTF-8 bytes of each text: the wrapped sum over bytes of a mix of (position, byte), then its length."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    lengths = np.diff(offsets)
    data = np.frombuffer(column.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]].astype(np.uint64)
    position = np.arange(len(data)) - np.repeat(offsets[:-1] - offsets[0], lengths)
    mixed = splitmix64(position.astype(np.uint64) << np.uint64(8) | data)
    # sums of whole prefixes wrap around, and so do their differences: exact modulo 2^64
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    sums = prefix[offsets[1:] - offsets[0]] - prefix[offsets[:-1] - offsets[0]]
    return splitmix64(sums ^ lengths.astype(np.uint64))
