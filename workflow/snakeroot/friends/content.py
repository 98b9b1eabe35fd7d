"""What is in a tree, as one digest: the same whatever the format, the chunks and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import uproot
from numpy.typing import NDArray

CHUNK = "64 MB"
"""What is read back at once."""


class Content:
    """Digests of the branches that were added, chunk after chunk.

    Attributes:
        entries: how many there are.
        names: of the branches, as a TTree has them: `<collection>_<name>` of those of a collection.
    """

    def __init__(self) -> None:
        self.entries = 0
        self.names: set[str] = set()
        self._digests: dict[str, Any] = {}

    def add(self, branches: Mapping[str, Any]) -> None:
        """Add further entries of all branches."""
        for name, values in _flat(branches):
            self.names.add(name)
            for part, numbers in _parts(ak.Array(values)):
                key = f"{name}: {part}, {numbers.dtype.kind}{numbers.dtype.itemsize}"
                known = self._digests.setdefault(key, hashlib.sha256())
                known.update(np.ascontiguousarray(numbers).view(np.uint8).data)
        self.entries += len(next(iter(branches.values())))

    def hexdigest(self) -> str:
        """Return the digest of all of it."""
        lines = [f"{name} {known.hexdigest()}" for name, known in sorted(self._digests.items())]
        return hashlib.sha256("\n".join([str(self.entries), *lines]).encode()).hexdigest()


def of_file(path: Path, tree: str, names: Collection[str]) -> Content:
    """Return the content of a tree in a ROOT file: of these branches."""
    content = Content()
    with uproot.open(path) as file:
        for chunk in file[tree].iterate(step_size=CHUNK):
            known = dict(_flat({name: chunk[name] for name in chunk.fields}))
            content.add({name: known[name] for name in names})
    return content


def _flat(branches: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, values in branches.items():
        fields = values.fields if isinstance(values, ak.Array) else []
        yield from [(f"{name}_{field}", values[field]) for field in fields] or [(name, values)]


def _parts(values: ak.Array) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """Yield what a branch is made of: how long each list or text is, and numbers."""
    layout = ak.to_packed(values).layout
    while layout.is_list:
        lists = layout.to_ListOffsetArray64(True)
        yield "lengths", np.diff(np.asarray(lists.offsets))
        layout = lists.content
    yield "numbers", np.asarray(layout.data)
