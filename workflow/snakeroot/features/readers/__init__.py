"""Kinds of ntuples: one module each, so that a task is made again only for changes of what reads it. A module has

* `KIND` and `SIGNATURE`: its name with an article, and how such a file begins.
* `opened(path, tree)`: a context with an object for `chunks`.
* `columns(tree)`: the paths of all its branches, in the file's order.
* `paths(path, tree, branches)`: the paths of the branches that names mean.
* `chunks(path, tree, branches, entries)`: an iterator over mappings from branches to arrays, so many entries at a time.
"""

from __future__ import annotations

from pathlib import Path

from snakeroot.registry import Registry

READERS = Registry(__name__, "kind of ntuple")

_KINDS = {".h5": "hdf5", ".hdf5": "hdf5"}


def kind(path: str | Path) -> str:
    """Return the name of the module that reads a file, by the file's name: ROOT unless it says otherwise."""
    return _KINDS.get(Path(path).suffix.lower(), "root")
