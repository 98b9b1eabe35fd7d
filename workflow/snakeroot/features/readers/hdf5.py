"""Reading an HDF5 file in chunks, with errors that name the file.

A tree is a group, whose datasets are the branches (those of groups in it are `group/name`, fields of those of compound
type `name.field`); or a table, which is a dataset of compound type, whose fields are the branches; or another dataset,
which is the one branch `data`. The unambiguous end of a branch's path is enough. What lies beside a table, as `tracks`
beside `jets`, may be of the same entries, or of another sample: it is named in full, `tracks.d0`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np

from snakeroot.errors import SnakerootError, hint
from snakeroot.features import branches as names
from snakeroot.features.limits import check_entries, check_unpacked
from snakeroot.features.ntuple import damaged, unsuited
from snakeroot.features.readers import _records
from snakeroot.features.readers._records import Branch

KIND = "an HDF5"
SIGNATURE = b"\x89HDF\r\n\x1a\n"

ALONE = "data"
"""Branch of a dataset that stands for a tree."""


@dataclass(frozen=True)
class Tree:
    """A tree.

    Attributes:
        branches: datasets, or fields of one.
        beside: those of the datasets beside a table.
    """

    name: str
    branches: Mapping[str, Branch]
    beside: Mapping[str, Branch] = field(default_factory=dict)


def trees(path: Path) -> list[str]:
    """Return the names of all tables, and of all groups with other datasets in them.

    Raises:
        SnakerootError: naming the file, if it is damaged.
    """
    try:
        with h5py.File(path, "r") as file:
            datasets = {name: one for name in _names(file) if isinstance(one := file[name], h5py.Dataset) and one.shape}
            named = (_text(name) if one.dtype.names else str(one.parent.name) for name, one in datasets.items())
            return list(dict.fromkeys(named))
    except Exception as error:  # h5py raises whatever the damaged bytes lead it to
        raise damaged(path, error) from error


def length(path: Path, tree: Tree) -> int:  # noqa: ARG001 - others look into the file
    """Return how many entries the longest branch has."""
    return max(map(len, tree.branches.values()))


def columns(tree: Tree) -> list[str]:
    """Return the paths of all branches, in the file's order; what lies beside a table is of its entries if as long."""
    entries = max(map(len, tree.branches.values()))
    beside = {name: one for name, one in tree.beside.items() if len(one) == entries}
    return [name for name, one in {**tree.branches, **beside}.items() if not one.dtype.names]


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
            chosen = _tree(tree, file[tree]) if tree in file else None
            check_entries(path, max(map(len, chosen.branches.values()), default=0) if chosen else 0)
            known = ["/", *map(_text, _names(file))]
        except Exception as error:  # h5py raises whatever the damaged bytes lead it to
            raise damaged(path, error) from error
        if chosen is None:
            raise SnakerootError(f"{path}: no group or dataset {tree!r}: {hint(tree, known)}")
        if not any(map(len, chosen.branches.values())):
            raise SnakerootError(f"{path}: {tree!r} has no entries; take the file out of the sample")
        yield chosen


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the path of the branch that each name means.

    Raises:
        SnakerootError: naming the file and the branch that it lacks.
    """
    return {name: _path(path, tree, name) for name in branches}


def _path(path: Path, tree: Tree, name: str) -> str:
    if name in tree.beside and name not in tree.branches:
        return name
    try:
        return names.found(name, tree.branches, path, tree.name)
    except SnakerootError:
        if ends := [full for full in tree.beside if full.endswith(f".{name}")]:
            raise SnakerootError(
                f"{path}: no branch {name!r} in {tree.name!r}; beside it there is {names.written(ends)}"
            ) from None
        raise


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the branches, `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the branch that it lacks, that is of another length, that holds neither
            numbers nor text, or whose bytes cannot be decoded.
    """
    known = {**tree.beside, **tree.branches}
    wanted = {name: known[full] for name, full in paths(path, tree, branches).items()}
    _records.check(path, wanted)
    for name, one in wanted.items():
        if what := _unsuited(one.dtype):
            raise unsuited(path, name, what)
        try:
            elsewhere = _elsewhere(path, one.source)
            _check_pieces(path, one.source)
        except Exception as error:  # h5py raises whatever the damaged bytes lead it to
            raise damaged(path, error, name) from error
        if elsewhere:
            raise SnakerootError(
                f"{path}: the branch {name!r} has its values in another file, {elsewhere!r}, which the file's name and "
                "checksum say nothing of; write one file that has them"
            )
    yield from _records.chunks(path, wanted, entries, _read)


def _unsuited(dtype: np.dtype[Any]) -> str | None:
    """Return what values of a type are that cannot be read; None if they can."""
    if h5py.check_string_dtype(dtype):
        return None
    if h5py.check_ref_dtype(dtype):
        return "references to other datasets"
    if (within := h5py.check_vlen_dtype(dtype)) is not None:
        return None if np.dtype(within).kind in "biuf" else "lists of other things than numbers"
    if dtype.base.kind == "V":
        return f"opaque bytes ({dtype})"
    return "objects of Python" if dtype.kind == "O" else None


def _check_pieces(path: Path, dataset: Any) -> None:
    """Check what a piece of a dataset, all of which is unpacked for any entry in it, takes in memory."""
    if dataset.chunks:
        check_unpacked(path.stat().st_size, math.prod(dataset.chunks) * dataset.dtype.itemsize)


def _elsewhere(path: Path, dataset: Any) -> str | None:
    """Return a file that has values of a dataset, which may be any of this machine; None if it is this one alone."""
    others = [name for name, *_ in dataset.external or ()]
    if dataset.is_virtual:
        others += [one.file_name for one in dataset.virtual_sources() if one.file_name != "."]
    if dataset.file.filename != str(path):
        others.append(dataset.file.filename)
    return str(others[0]) if others else None


def _read(dataset: Any, fields: tuple[str, ...], start: int, stop: int) -> np.ndarray[Any, Any]:
    return (dataset.fields(fields) if fields else dataset)[start:stop]  # type: ignore[no-any-return]


def _names(group: Any) -> list[str | bytes]:
    """Return all that is below a group; what is no UTF-8 as bytes."""
    below: list[str | bytes] = []
    group.visit(below.append)
    return below


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode(errors="replace")


def _tree(name: str, node: Any) -> Tree:
    if isinstance(node, h5py.Group):
        return Tree(name, _within({below: node[below] for below in _names(node)}))
    if own := dict(_records.fields("", node)):
        return Tree(name, own, _within({end: one for end, one in node.parent.items() if one != node}))
    return Tree(name, {ALONE: Branch(node)})


def _within(objects: Mapping[str | bytes, Any]) -> dict[str, Branch]:
    """Return the branches of all datasets among these."""
    datasets = {name: one for name, one in objects.items() if isinstance(one, h5py.Dataset) and one.shape}
    return {path: one for name, dataset in datasets.items() for path, one in _records.branches(_text(name), dataset)}
