"""Branches of all entries, chunk by chunk, as a ROOT or a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
import uproot

from snakeroot.data.files import atomic
from snakeroot.errors import SnakerootError, hint

Format = Literal["TTree", "RNTuple"]

Write = Callable[[Mapping[str, Any]], None]

SUFFIXES = (".root", ".parquet")


def check(path: Path) -> None:
    """Check that a file of this name can be written.

    Raises:
        SnakerootError: if its suffix is not known.
    """
    if path.suffix not in SUFFIXES:
        raise SnakerootError(f"{path}: {hint(path.suffix, SUFFIXES)}: the name says what is written")


def tree_name(tree: str | None) -> str:
    """Return what the tree is called that goes with an ntuple's, which may stand in a folder; of files without, too."""
    return (tree or "scores").rpartition("/")[2].partition(";")[0]


@contextmanager
def written(path: Path, tree: str, kind: Format = "TTree") -> Iterator[Write]:
    """Yield a function that takes branches, some entries at a time, the first time maybe none.

    The file appears when all of them are written.

    Args:
        tree: name of the tree of a ROOT file.
        kind: of the tree.
    """
    check(path)
    with atomic(path) as [part], _root(part, tree, kind) if path.suffix == ".root" else _parquet(part) as write:
        yield write


@contextmanager
def _root(path: Path, tree: str, kind: Format) -> Iterator[Write]:
    with uproot.recreate(path, compression=uproot.ZSTD(5)) as file:
        known: Any = None

        def write(branches: Mapping[str, Any]) -> None:
            nonlocal known
            some = {name: _as_root(values) for name, values in branches.items()}
            if known is None and kind == "RNTuple":
                known = file.mkrntuple(tree, {name: values[:0] for name, values in some.items()})
            elif known is None:
                known = file.mktree(tree, {name: str(ak.type(values).content) for name, values in some.items()})
            if len(next(iter(some.values()))):
                known.extend(some)

        yield write


def _as_root(values: Any) -> Any:
    return ak.Array(values) if isinstance(values, np.ndarray) else values


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    writer: pq.ParquetWriter | None = None

    def write(branches: Mapping[str, Any]) -> None:
        nonlocal writer
        whole = ak.zip(dict(branches), depth_limit=1)
        table = ak.to_arrow_table(whole, extensionarray=False)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table.cast(writer.schema))

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
