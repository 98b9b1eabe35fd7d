"""Reading an HDF5 file in chunks, with errors that name the file.

A tree is a group, whose datasets are the branches (those of groups in it are `group/name`, fields of those of compound
type `name.field`); or a table, which is a dataset of compound type, whose fields are the branches; or another dataset,
which is the one branch `data`. The unambiguous end of a branch's path is enough.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np

from snakeroot.errors import SnakerootError, hint
from snakeroot.features import branches as names
from snakeroot.features.ntuple import damaged

KIND = "an HDF5"
SIGNATURE = b"\x89HDF\r\n\x1a\n"

ALONE = "data"
"""Branch of a dataset that stands for a tree."""


@dataclass(frozen=True)
class Tree:
    """A tree's name, and its branches: datasets, or fields of one."""

    name: str
    branches: Mapping[str, Any]


def columns(tree: Tree) -> list[str]:
    """Return the paths of all branches, in the file's order."""
    return [name for name, one in tree.branches.items() if not one.dtype.names]


@contextmanager
def opened(path: Path, tree: str) -> Iterator[Tree]:
    """Yield a tree; "/" is the whole file.

    Raises:
        SnakerootError: naming the file, and what it has if the wanted tree is missing or empty.
    """
    try:
        file = h5py.File(path, "r")
    except Exception as error:
        raise damaged(path, error) from error
    with file:
        try:
            branches = _branches(file[tree]) if tree in file else None
            known = ["/", *_names(file)]
        except Exception as error:  # h5py raises whatever the damaged bytes lead it to
            raise damaged(path, error) from error
        if branches is None:
            raise SnakerootError(f"{path}: no group or dataset {tree!r}: {hint(tree, known)}")
        if not any(len(dataset) for dataset in branches.values()):
            raise SnakerootError(f"{path}: {tree!r} has no entries; take the file out of the sample")
        yield Tree(tree, branches)


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the path of the branch that each name means.

    Raises:
        SnakerootError: naming the file and the branch that it lacks.
    """
    return {name: names.found(name, tree.branches, path, tree.name) for name in branches}


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the branches, `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the branch that it lacks, that is of another length, that holds neither
            numbers nor text, or whose bytes cannot be decoded.
    """
    datasets = {name: tree.branches[full] for name, full in paths(path, tree, branches).items()}
    lengths = {name: len(dataset) for name, dataset in datasets.items()}
    for name, length in lengths.items():
        if length != (first := next(iter(lengths.values()))):
            raise SnakerootError(
                f"{path}: {name!r} has {length} entries, and {next(iter(lengths))!r} {first}: not branches of one tree"
            )
    for name, dataset in datasets.items():
        if fields := dataset.dtype.names:
            raise SnakerootError(
                f"{path}: {name!r} holds records ({', '.join(fields)}), not one value: write a part of it, as "
                f"branch({f'{name}.{fields[0]}'!r})"
            )
        if what := _unsuited(dataset.dtype):
            raise SnakerootError(f"{path}: the dataset {name!r} holds {what}, neither numbers nor text; leave it out")
    for start in range(0, max(lengths.values()), entries):
        yield {name: _read(path, name, dataset, start, start + entries) for name, dataset in datasets.items()}


def _unsuited(dtype: np.dtype[Any]) -> str | None:
    """Return what values of a type are that cannot be read; None if they can."""
    if h5py.check_string_dtype(dtype):
        return None
    if h5py.check_ref_dtype(dtype):
        return "references to other datasets"
    if (within := h5py.check_vlen_dtype(dtype)) is not None:
        return None if np.dtype(within).kind in "biuf" else "lists of other things than numbers"
    if dtype.base.kind == "V":
        return "arrays of records" if dtype.base.names else f"opaque bytes ({dtype})"
    return "objects of Python" if dtype.kind == "O" else None


def _read(path: Path, name: str, dataset: Any, start: int, stop: int) -> ak.Array:
    try:
        values = dataset[start:stop]
    except Exception as error:  # h5py raises whatever the damaged bytes lead it to
        raise damaged(path, error, name) from error
    try:
        return _array(values)
    except UnicodeDecodeError as error:
        raise SnakerootError(
            f"{path}: the dataset {name!r} holds text that is not UTF-8 ({error.object[:40]!r}); write it as UTF-8, or "
            "leave it out"
        ) from error


def _names(group: Any) -> list[str]:
    """Return all that is below a group."""
    found: list[str] = []
    group.visit(found.append)
    return found


def _branches(found: Any) -> dict[str, Any]:
    if isinstance(found, h5py.Group):
        below = {name: found[name] for name in _names(found)}
        datasets = {name: one for name, one in below.items() if isinstance(one, h5py.Dataset) and one.shape}
        return {end: field for name, one in datasets.items() for end, field in [(name, one), *_fields(one, f"{name}.")]}
    return dict(_fields(found, "")) or {ALONE: found}


def _fields(of: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a table, and the fields of these, by their names behind `before`."""
    for name in of.dtype.names or ():
        field = _Field(of, name)
        yield before + name, field
        yield from _fields(field, f"{before}{name}.")


@dataclass(frozen=True)
class _Field:
    """A field of a table, or of such a field, read like a dataset."""

    table: Any
    name: str

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, rows: slice) -> Any:
        return self.table[rows][self.name] if isinstance(self.table, _Field) else self.table.fields(self.name)[rows]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its values."""
        return self.table.dtype[self.name]  # type: ignore[no-any-return]


def _array(values: Any) -> ak.Array:
    """Numbers of any shape as they are; text, and lists that differ in length, one by one."""
    if values.dtype.kind in "SO":
        return ak.Array([one.decode() if isinstance(one, bytes) else np.asarray(one) for one in values.tolist()])
    return ak.Array(values.astype(values.dtype.newbyteorder("="), copy=False))
