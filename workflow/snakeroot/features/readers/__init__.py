"""Kinds of ntuples: one module each, so that a task is made again only for changes of what reads it. A module has

* `KIND` and `SIGNATURE`: its name with an article, and how such a file begins; None of text.
* `trees(path)`, of the kinds in WITH_TREES: the names that `tree` may have.
* `opened(path, tree)`: a context with an object for what follows. The tree is None where files of the kind have none.
* `length(path, tree)`: how many entries it has.
* `columns(tree)`: the paths of all its branches, in the file's order.
* `paths(path, tree, branches)`: the paths of the branches that names mean.
* `chunks(path, tree, branches, entries)`: an iterator over mappings from branches to arrays, so many entries at a time:
  of awkward, or of numpy where there is one number or condition for each entry.
"""

from __future__ import annotations

from pathlib import Path

from snakeroot.registry import Registry

READERS = Registry(__name__, "kind of ntuple")

SUFFIXES = {
    ".root": "root",
    ".h5": "hdf5",
    ".hdf5": "hdf5",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".npz": "npz",
}
"""Which module reads files whose names end so, in whatever case."""

WITH_TREES = ("root", "hdf5")
"""The kinds whose files may have several trees, so that one must be named."""


def known(path: str | Path) -> str | None:
    """Return the name of the module that reads a file, by the end of the file's name; None if that says nothing."""
    name = str(path).lower()
    return next((kind for suffix, kind in SUFFIXES.items() if name.endswith(suffix)), None)


def kind(path: str | Path) -> str:
    """Return the name of the module that reads a file: ROOT unless the file's name says otherwise."""
    return known(path) or "root"
