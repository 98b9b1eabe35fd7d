"""Branches as columns: in types that do not depend on how wide the ntuple stores them."""

from __future__ import annotations

import hashlib

import awkward as ak
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import arrays
from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.branches import Branch, check_simple, is_text
from snakeroot.physics.expressions.values import Values


def identity(name: str, values: Branch, entry: NDArray[np.int64]) -> pa.Array:
    """Return a branch as it is; arrays, such as images, by a digest of their exact numbers.

    An unsigned number of 64 bits becomes the int64 of the same bits: an identity is compared, and not counted with.
    """
    if isinstance(values, np.ndarray):
        return _identity(name, arrays.column(_wide(name, values)), entry)
    check_simple(name, values.layout)
    missing = np.asarray(ak.to_numpy(ak.is_none(values)))
    if missing.any():
        raise SnakerootError(
            f"the event_id branch {name!r} has no value in {int(missing.sum())} entries, the first of them entry "
            f"{entry[missing.argmax()]}: such entries have no identity; select them away or take another branch"
        )
    values = ak.drop_none(values, axis=0)
    if values.ndim > 1 and not is_text(values.layout):
        plain = regular("event_id", name, values)
        wide = _wide(name, plain)
        _refuse_undefined(name, ~np.isfinite(wide).all(axis=tuple(range(1, wide.ndim))), entry)
        return pa.array([hashlib.blake2b(row, digest_size=16).hexdigest() for row in wide], pa.string())
    return _identity(name, per_entry("event_id", name, values), entry)


def _identity(name: str, column: pa.Array, entry: NDArray[np.int64]) -> pa.Array:
    if pa.types.is_uint64(column.type):
        return column.view(pa.int64())
    if pa.types.is_floating(column.type):
        _refuse_undefined(name, ~np.isfinite(np.from_dlpack(column)), entry)
    return column


def _refuse_undefined(name: str, bad: NDArray[np.bool_], entry: NDArray[np.int64]) -> None:
    if bad.any():
        raise SnakerootError(
            f"the event_id branch {name!r} is NaN or infinite in {int(bad.sum())} entries, the first of them entry "
            f"{entry[bad.argmax()]}: such entries have no identity; select them away or take another branch"
        )


def regular(role: str, name: str, values: Branch) -> NDArray[np.generic]:
    """Return a branch of arrays of one shape; what is a list of lists in the file must be one too."""
    if isinstance(values, np.ndarray):
        return values
    try:
        return np.ascontiguousarray(ak.to_numpy(values, allow_missing=False))
    except ValueError as error:
        raise SnakerootError(
            f"the {role} branch {name!r} holds a list per entry where one value, or an array of one shape, is expected"
        ) from error


def per_entry(role: str, name: str, values: Branch) -> pa.Array:
    """Return a branch as it is, but numbers widened to 64 bits: a skim that stores them otherwise changes nothing.

    Whole numbers become int64, but for unsigned ones of 64 bits, which stay what they are. What is missing is NaN, so
    whole numbers of which some may be missing are float64; a missing condition is False, a missing text empty.
    """
    if isinstance(values, np.ndarray):
        return arrays.column(_wide(name, values))
    check_simple(name, values.layout)
    if is_text(values.layout):
        return ak.to_arrow(values, extensionarray=False).cast(pa.string()).fill_null("")
    if values.ndim > 1:
        raise SnakerootError(f"the {role} branch {name!r} holds a list per entry where one value is expected")
    if values.layout.is_option:
        boolean = "bool" in str(values.type)
        values = ak.fill_none(values if boolean else ak.values_astype(values, np.float64), False if boolean else np.nan)
    return arrays.column(_wide(name, ak.to_numpy(values, allow_missing=False)))


def defined(name: str, values: Values, entry: NDArray[np.int64]) -> pa.Array:
    """Return a definition that is one value per row. Its type does not depend on what is in it."""
    if values.depth > 1:
        raise SnakerootError(f"the spectator {name!r}, a definition, is a list per entry where one value is expected")
    content = np.broadcast_to(values.content, entry.shape)
    if not values.is_whole:
        return arrays.column(content)
    if len(wrong := np.flatnonzero(content >= 2**63)):
        raise SnakerootError(
            f"the spectator {name!r}, a definition, is beyond 2^63 in entry {entry[wrong[0]]}: write 1.0 * for "
            "floating-point numbers, or name the branch itself"
        )
    return arrays.column(content.astype(np.int64))


def _wide(name: str, plain: NDArray[np.generic]) -> NDArray[np.generic]:
    wide = {"b": np.bool_, "i": np.int64, "u": np.uint64 if plain.itemsize == 8 else np.int64, "f": np.float64}
    if plain.dtype.kind not in wide:
        raise SnakerootError(f"the branch {name!r} holds neither numbers nor text ({plain.dtype})")
    return plain.astype(wide[plain.dtype.kind])


def constant(text: str, rows: int) -> pa.Array:
    """Return a column of one text."""
    return pa.DictionaryArray.from_arrays(arrays.column(np.zeros(rows, np.int32)), arrays.text(text))
