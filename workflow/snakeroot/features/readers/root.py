"""Reading a ROOT ntuple in chunks: TTree or RNTuple, newest cycle, with errors that name the file and the branch.

A branch inside an object that is written split, or inside a group, is named by its path, as `evt/F64` or
`Jet/Jet.PT` (in an RNTuple `Jet.pt`), or by the path's end where that is unambiguous. A part of a record, as a leaf of
a leaf-list, follows after a dot.
"""

from __future__ import annotations

import lzma
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import cramjam
import deflate
import numpy as np
import uproot
from uproot.interpretation.grouped import AsGrouped

from snakeroot.errors import SnakerootError, hint
from snakeroot.features import branches as names
from snakeroot.features.limits import LimitError, check_entries
from snakeroot.features.ntuple import damaged, unreadable
from snakeroot.features.readers import _inflate, _sound
from snakeroot.features.readers._entries import DoneError, chunks_of
from snakeroot.features.readers._types import check, is_record, kind
from snakeroot.physics.expressions.branches import Branch, is_text

KIND = "a ROOT"
SIGNATURE = b"root"

BROKEN = (
    *(OSError, EOFError, MemoryError, deflate.DeflateError, lzma.LZMAError, cramjam.DecompressionError),
    *(_sound.UnsoundError, LimitError),
)
"""What reading and decompressing raise for damaged bytes; all else may as well be uproot's own fault."""

_inflate.install()
_sound.install()


@dataclass(frozen=True)
class Tree:
    """A TTree or an RNTuple.

    Attributes:
        tree: uproot's.
        paths: of all branches that hold values.
    """

    tree: Any
    paths: dict[str, Any]

    @property
    def separator(self) -> str:
        """What is between the parts of a path."""
        return "/" if isinstance(self.tree, uproot.TTree) else "."


@dataclass(frozen=True)
class Column:
    """A branch that is wanted, and the part of its record, if it has any."""

    path: str
    parts: tuple[str, ...] = ()


def trees(path: Path) -> list[str]:
    """Return the names of all TTrees and RNTuples, with their folders; a damaged file is an error that names it."""
    try:
        with uproot.open(path) as file:
            return _trees(file.classnames(cycle=False))
    except Exception as error:  # uproot raises whatever the damaged bytes lead it to
        raise damaged(path, error) from error


def _trees(kinds: dict[str, str]) -> list[str]:
    return [name for name, kind in kinds.items() if kind in ("TTree", "ROOT::RNTuple")]


def length(path: Path, tree: Tree) -> int:  # noqa: ARG001 - others look into the file
    """Return how many entries there are."""
    return int(tree.tree.num_entries)  # a float in files of some writers


def columns(tree: Tree) -> list[str]:
    """Return the paths of all branches that hold values, in the file's order."""
    return list(tree.paths)


@contextmanager
def opened(path: Path, tree: str) -> Iterator[Tree]:
    """Yield the newest cycle of a TTree or RNTuple.

    Raises:
        SnakerootError: naming the file, and the trees that it has if the wanted one is missing or empty.
    """
    try:
        file = uproot.open(path)
    except Exception as error:  # uproot raises whatever the damaged bytes lead it to
        raise damaged(path, error) from error
    with file:
        try:
            kinds = file.classnames(cycle=False)
            if tree not in kinds:
                raise SnakerootError(f"{path}: no tree {tree!r}: {hint(tree, _trees(kinds))}")
            chosen = file[tree]
            if not hasattr(chosen, "iterate"):
                raise SnakerootError(f"{path}: {tree!r} is a {kinds[tree]}, not a TTree or an RNTuple")
            there = chosen.num_entries
            check_entries(path, int(there))
            paths = _paths(chosen)
        except SnakerootError:
            raise
        except Exception as error:
            raise damaged(path, error) from error
        if there == 0:
            raise SnakerootError(f"{path}: the tree {tree!r} has no entries; take the file out of the sample")
        yield Tree(chosen, paths)


def _paths(tree: Any) -> dict[str, Any]:
    """Return what holds values, by its path: branches, or fields, without others in them."""
    if not isinstance(tree, uproot.TTree):
        # not by `tree[name]`, for which a "/" in a field's own name would lead into another
        return {field.path: field for field in tree.itervalues(recursive=True) if not field.fields}
    everything = tree.iteritems(recursive=True, full_paths=True)
    return {path: one for path, one in everything if not one.branches and not isinstance(one.interpretation, AsGrouped)}


def paths(path: Path, tree: Tree, branches: Collection[str]) -> dict[str, str]:
    """Return the path of the branch that each name means, or of the record that it is a part of.

    Raises:
        SnakerootError: naming the file and the branch that it lacks.
    """
    return {name: _column(path, tree, name).path for name in branches}


def chunks(path: Path, tree: Tree, branches: Collection[str], entries: int) -> Iterator[dict[str, Branch]]:
    """Yield the branches, by the names that they are given here, at most `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the branch that it lacks or that uproot cannot decode, or the file if its
            bytes are damaged.
    """
    columns = {name: _column(path, tree, name) for name in branches}
    wanted = {column.path for column in columns.values()}
    for name in sorted(wanted):
        check(path, name, tree.paths[name], tree.tree)
        try:
            _sound.places(tree.paths[name])
        except Exception as error:  # uproot's own, too
            raise damaged(path, error, name) from error
    arrays = chunks_of(tree.tree, tree.paths, wanted, entries)
    while True:
        try:
            chunk = next(arrays)
        except DoneError:
            return
        except Exception as error:
            raise _fault(path, tree, wanted, entries, error) from error
        for name, array in chunk.items():
            if problem := _invalid(array):
                raise damaged(path, ValueError(problem), name)
        yield {name: _part(path, chunk[column.path], column) for name, column in columns.items()}


def _invalid(array: Branch) -> str | None:
    """Return what is wrong: uproot takes offsets as they are, and compiled code would follow them anywhere."""
    if isinstance(array, np.ndarray) or "union" in str(array.type):
        return None
    return ak.validity_error(array) or None


def _column(path: Path, tree: Tree, name: str) -> Column:
    """Return what a name means: a branch, or a part of a record behind a dot."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        head = ".".join(parts[:length])
        records = [full for full in tree.paths if full == head or full.endswith(tree.separator + head)]
        if name not in tree.paths and len(records) == 1 and is_record(tree.paths[records[0]]):
            return Column(records[0], tuple(parts[length:]))
    return Column(names.found(name, tree.paths, path, tree.tree.name, tree.separator))


def _part(path: Path, array: Branch, column: Column) -> Branch:
    if isinstance(array, np.ndarray):
        return array
    for part in column.parts:
        if part not in array.fields:
            raise SnakerootError(f"{path}: no {part!r} in the branch {column.path!r}: {hint(part, array.fields)}")
        array = array[part]
    missing = array.layout.is_option and array.ndim > 1 and not is_text(array.layout)
    return ak.Array(ak.fill_none(array, [], axis=0) if missing else array)  # a missing list is empty


def _fault(path: Path, tree: Tree, wanted: Collection[str], entries: int, error: Exception) -> SnakerootError:
    """Return the error to raise: of one branch, if it fails when it is read alone in the same way, else of the file."""
    faults: dict[str, Exception] = {}
    for name in sorted(wanted):
        try:
            deque(chunks_of(tree.tree, tree.paths, [name], entries), maxlen=0)
        except DoneError:
            pass
        except Exception as again:
            faults[name] = again
    for name, fault in faults.items():
        if not isinstance(fault, BROKEN):
            return unreadable(path, name, kind(tree.paths[name]), fault)
    if len(faults) < len(wanted):
        for name, fault in faults.items():
            return damaged(path, fault, name)
    return damaged(path, error)
