"""Arrays of numpy as branches: numbers and text of any shape, and fields of records.

A table of two dimensions holds the objects of each entry, as the tracks of a jet, in a fixed number of places. If it
has a field `valid`, its fields are lists of the objects that are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features.limits import LimitError, at_once
from snakeroot.features.ntuple import damaged

VALID = "valid"
"""Field of a table of objects: whether there is one in this place."""

Read = Callable[[Any, tuple[str, ...], int, int], NDArray[Any]]
"""Reads entries, from one to another, of a dataset: records with at least these fields, or values if there are none."""


@dataclass(frozen=True)
class Branch:
    """A dataset, or a field of its records.

    Attributes:
        source: what has a `dtype` and a `shape`, entries first.
        fields: names of the field, and of those within it, if it is no dataset.
    """

    source: Any
    fields: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.source.shape[0])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its values, which may be arrays."""
        kind: np.dtype[Any] = self.source.dtype
        for name in self.fields:
            kind = kind.base[name]
        return kind

    @property
    def masked(self) -> bool:
        """Whether its objects are those that are valid."""
        return bool(self.fields) and len(self.source.shape) == 2 and VALID in self.source.dtype.names

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields of the records that it is made of."""
        return (*self.fields[:1], *([VALID] if self.masked else []))

    def part(self, records: NDArray[Any]) -> NDArray[Any]:
        """Return its values in what was read of its dataset."""
        for name in self.fields:
            records = records[name]
        return records


def branches(name: str, source: Any) -> Iterator[tuple[str, Branch]]:
    """Yield a dataset and all fields of its records, each by its name behind a dot."""
    yield name, Branch(source)
    yield from fields(name + ".", source)


def fields(before: str, source: Any, of: tuple[str, ...] = ()) -> Iterator[tuple[str, Branch]]:
    """Yield the fields of a dataset's records, and the fields of these, by their names behind `before`."""
    for name in Branch(source, of).dtype.base.names or ():
        yield before + name, Branch(source, (*of, name))
        yield from fields(f"{before}{name}.", source, (*of, name))


def check(path: Path, wanted: Mapping[str, Branch]) -> None:
    """Check that branches are of one length, and values.

    Raises:
        SnakerootError: naming the file and the branch.
    """
    first, *_ = wanted
    for name, one in wanted.items():
        if len(one) != len(wanted[first]):
            raise SnakerootError(
                f"{path}: {name!r} has {len(one)} entries, and {first!r} {len(wanted[first])}: not branches of one tree"
            )
        if names := one.dtype.base.names:
            raise SnakerootError(
                f"{path}: {name!r} holds records ({', '.join(names)}), not one value: write a part of it, as "
                f"branch({f'{name}.{names[0]}'!r})"
            )
        if one.masked and one.source.dtype[VALID].kind not in "biu":
            raise _no_mask(path, name)


def chunks(path: Path, wanted: Mapping[str, Branch], entries: int, read: Read) -> Iterator[dict[str, ak.Array]]:
    """Yield the branches, `entries` entries at a time; what is in one dataset is read once.

    Raises:
        SnakerootError: naming the file and the branch whose bytes cannot be decoded.
    """
    needed: dict[int, dict[str, None]] = {}
    for one in wanted.values():
        needed.setdefault(id(one.source), {}).update(dict.fromkeys(one.needed))
    entries = _at_once(path, wanted, entries)
    for start in range(0, len(next(iter(wanted.values()))), entries):
        records: dict[int, NDArray[Any]] = {}
        chunk = {}
        for name, one in wanted.items():
            key = id(one.source)
            if key not in records:
                try:
                    records[key] = read(one.source, tuple(needed[key]), start, min(start + entries, len(one)))
                except Exception as error:  # a library raises whatever the damaged bytes lead it to
                    raise damaged(path, error, name) from error
            values = _array(path, name, one.part(records[key]))
            chunk[name] = _valid(path, name, values, records[key][VALID]) if one.masked else values
        yield chunk


def _at_once(path: Path, wanted: Mapping[str, Branch], entries: int) -> int:
    """Return how many entries to read at once: fewer if they are large."""
    sources = {id(one.source): (name, one.source) for name, one in wanted.items()}
    for name, source in sources.values():
        try:
            entries = at_once(entries, source.shape[1:], source.dtype.itemsize * len(sources))
        except LimitError as error:
            raise damaged(path, error, name) from error
    return entries


def _valid(path: Path, name: str, values: ak.Array, valid: NDArray[Any]) -> ak.Array:
    """Return the values, of shape (entries, places, …), of the objects that there are."""
    if valid.dtype != np.bool_ and not np.isin(valid, (0, 1)).all():
        raise _no_mask(path, name)
    there = valid.astype(bool)
    flat = ak.flatten(values, axis=1)[there.reshape(-1)]
    return ak.unflatten(flat, there.sum(axis=1))


def _no_mask(path: Path, name: str) -> SnakerootError:
    return SnakerootError(
        f"{path}: the field {VALID!r} beside {name!r} should say which objects there are, but holds other "
        "than conditions, or 0 and 1; write it as such, or call it otherwise"
    )


def _array(path: Path, name: str, values: NDArray[Any]) -> ak.Array:
    """Numbers of any shape as they are; text, and lists that differ in length, one by one."""
    if values.dtype.kind not in "SOU":
        wide = np.float64 if values.dtype.kind == "f" and values.itemsize > 8 else values.dtype.newbyteorder("=")
        return ak.Array(values.astype(wide, copy=False))
    try:
        return ak.Array(_decoded(values.tolist()))
    except UnicodeDecodeError as error:
        raise SnakerootError(
            f"{path}: the branch {name!r} holds text that is not UTF-8 ({error.object[:40]!r}); write it as UTF-8, or "
            "leave it out"
        ) from error


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value
