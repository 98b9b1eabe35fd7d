"""Reading a ROOT ntuple in chunks: TTree or RNTuple, newest cycle, with errors that name the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import awkward as ak
import uproot

from snakeroot.errors import SnakerootError, hint
from snakeroot.features.ntuple import damaged

KIND = "a ROOT"
SIGNATURE = b"root"


@contextmanager
def opened(path: Path, tree: str) -> Iterator[Any]:
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
                trees = [name for name, kind in kinds.items() if kind in ("TTree", "ROOT::RNTuple")]
                raise SnakerootError(f"{path}: no tree {tree!r}: {hint(tree, trees)}")
            found = file[tree]
            if not hasattr(found, "iterate"):
                raise SnakerootError(f"{path}: {tree!r} is a {kinds[tree]}, not a TTree or an RNTuple")
            entries = found.num_entries
        except SnakerootError:
            raise
        except Exception as error:
            raise damaged(path, error) from error
        if entries == 0:
            raise SnakerootError(f"{path}: the tree {tree!r} has no entries; take the file out of the sample")
        yield found


def chunks(path: Path, tree: Any, branches: Collection[str], entries: int) -> Iterator[dict[str, ak.Array]]:
    """Yield the branches, `entries` entries at a time, in order.

    Raises:
        SnakerootError: naming the file and the branch that it lacks, or the file if its bytes cannot be decoded.
    """
    known = tree.keys()
    for name in branches:
        if name not in known:
            raise SnakerootError(f"{path}: no branch {name!r} in {tree.name!r}: {hint(name, known)}")
    wanted = set(branches)
    # never `expressions=` or `cut=`: uproot's own language reaches functions of Python
    arrays = tree.iterate(filter_name=wanted.__contains__, step_size=entries, how=dict)
    while True:
        try:
            found = {name: ak.Array(values) for name, values in next(arrays).items()}
        except StopIteration:
            return
        except Exception as error:
            raise damaged(path, error) from error
        missing = wanted - set(found)
        if missing:
            raise SnakerootError(f"{path}: the branch {min(missing)!r} cannot be decoded by uproot; leave it out")
        yield found
