"""Reading an archive of NumPy (.npz) in chunks, with errors that name the file and the array.

A file has no trees. An array is a branch, entries first; of a structured one each field is, as `jets.pt`. No array is
ever whole in memory, and what is pickled is refused.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.features import branches as names
from snakeroot.features.limits import LimitError, check_entries, check_unpacked
from snakeroot.features.ntuple import damaged, unsuited
from snakeroot.features.readers import _records
from snakeroot.features.readers._records import Branch

KIND = "a NumPy (.npz)"
SIGNATURE = b"PK"

SUFFIX = ".npy"
"""How the name of an array ends in the archive."""

BLOCK = 2**20

Values = Callable[[int, int], NDArray[Any]]
"""Returns the entries from one on and before another."""


@dataclass(frozen=True)
class Array:
    """An array of the archive, as its header says.

    Attributes:
        by_columns: whether what comes first is the first number of all entries (Fortran's order).
        start: bytes before its values.
    """

    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_columns: bool
    start: int


@dataclass(frozen=True)
class Tree:
    """An open archive.

    Attributes:
        branches: arrays by name, and fields of structured ones.
    """

    archive: zipfile.ZipFile
    branches: dict[str, Branch]


@contextmanager
def opened(path: Path, tree: str | None) -> Iterator[Tree]:  # noqa: ARG001 - a file has no trees
    """Yield the archive.

    Raises:
        SnakerootError: naming the file, if it is damaged or has no arrays, or none with entries.
    """
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
            members = [one for one in archive.infolist() if one.filename.endswith(SUFFIX)]
            arrays = {one.filename.removesuffix(SUFFIX): _array(archive, one) for one in members}
        except Exception as error:  # zipfile and numpy raise whatever the damaged bytes lead them to
            raise damaged(path, error) from error
        lists = {name: one for name, one in arrays.items() if one.shape}
        if not lists:
            raise SnakerootError(f"{path}: the archive has no arrays; write its columns by name, with numpy.savez")
        if not any(one.shape[0] for one in lists.values()):
            raise SnakerootError(f"{path}: the arrays have no entries; take the file out of the sample")
        try:
            check_entries(path, max(one.shape[0] for one in lists.values()))
        except LimitError as error:
            raise damaged(path, error) from error
        yield Tree(archive, {end: one for name, array in lists.items() for end, one in _records.branches(name, array)})


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Array:
    with archive.open(member) as file:
        version = npy.read_magic(file)
        if version == (1, 0):
            shape, by_columns, dtype = npy.read_array_header_1_0(file)
        else:
            shape, by_columns, dtype = npy.read_array_header_2_0(file)
        start = file.tell()
    if dtype.hasobject:
        return Array(member.filename, shape, dtype, by_columns, start)
    if start + math.prod(shape) * dtype.itemsize != member.file_size:
        raise ValueError(f"{member.filename!r} is of another size than its header says")
    return Array(member.filename, shape, dtype, by_columns and len(shape) > 1, start)


def length(path: Path, tree: Tree) -> int:  # noqa: ARG001 - others look into the file
    """Return how many entries the longest array has."""
    return max(map(len, tree.branches.values()))


def columns(tree: Tree) -> list[str]:
    """Return the names of all arrays and fields that hold values, in the file's order."""
    return [name for name, one in tree.branches.items() if not one.dtype.names]


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the array or field that each name means.

    Raises:
        SnakerootError: naming the file and the array that it lacks.
    """
    return {name: names.found(name, tree.branches, path, None) for name in branches}


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the arrays, `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the array that it lacks, that is of another length, that holds neither
            numbers nor text, or whose bytes are damaged.
    """
    wanted = {name: tree.branches[full] for name, full in paths(path, tree, branches).items()}
    _records.check(path, wanted)
    for name, one in wanted.items():
        if what := _unsuited(one.source.dtype, one.dtype):
            raise unsuited(path, name, what)
    with ExitStack() as stack:
        values: dict[int, Values] = {}
        for name, one in wanted.items():
            if id(one.source) not in values:
                try:
                    values[id(one.source)] = _values(path, tree.archive, one.source, stack)
                except SnakerootError:
                    raise
                except Exception as error:
                    raise damaged(path, error, name) from error
        yield from _records.chunks(path, wanted, entries, lambda one, _, start, stop: values[id(one)](start, stop))


def _unsuited(whole: np.dtype[Any], dtype: np.dtype[Any]) -> str | None:
    """Return what the values of an array, or of a field of it, are that cannot be read; None if they can."""
    if whole.hasobject:
        return "objects of Python, which would be pickled"
    kinds = {"M": "dates", "m": "times", "c": "complex numbers", "V": f"opaque bytes ({dtype})"}
    return kinds.get(dtype.base.kind)


def _values(path: Path, archive: zipfile.ZipFile, array: Array, stack: ExitStack) -> Values:
    """Return a function to read an array with, from the first entry to the last."""
    if array.by_columns:
        return _mapped(path, archive, array, stack)
    file = stack.enter_context(archive.open(array.member))
    file.read(array.start)
    size = math.prod(array.shape[1:]) * array.dtype.itemsize

    def read(start: int, stop: int) -> NDArray[Any]:
        content = file.read((stop - start) * size)
        if stop == array.shape[0]:
            file.read(1)  # at the end of an array its checksum is verified
        return np.frombuffer(content, array.dtype).reshape(stop - start, *array.shape[1:])

    return read


def _mapped(path: Path, archive: zipfile.ZipFile, array: Array, stack: ExitStack) -> Values:
    """Unpack an array in which an entry is in many places, and have the system read from it."""
    member = archive.getinfo(array.member)
    check_unpacked(member.compress_size, member.file_size)
    size, free = member.file_size, shutil.disk_usage(tempfile.gettempdir()).free
    if size > free:
        raise SnakerootError(
            f"{path}: {array.member!r} is stored column by column, and its {size} bytes do not fit into "
            f"{tempfile.gettempdir()}, where it would be unpacked; write numpy.ascontiguousarray of it"
        )
    unpacked = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    with archive.open(array.member) as file:
        shutil.copyfileobj(file, unpacked, BLOCK)
    values = np.memmap(unpacked, array.dtype, "r", array.start, array.shape, "F")
    return lambda start, stop: np.ascontiguousarray(values[start:stop])
