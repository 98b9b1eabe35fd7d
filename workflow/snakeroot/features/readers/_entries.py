"""Entries of ROOT's trees as uproot reads them, chunk after chunk."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import uproot
from uproot.interpretation.numerical import AsDtype

from snakeroot.features.readers import _sound
from snakeroot.physics.expressions.branches import Branch


class DoneError(Exception):
    """There are no more entries; uproot raises StopIteration for what it cannot decode."""


def chunks_of(
    tree: Any, paths: Mapping[str, Any], wanted: Collection[str], entries: int
) -> Iterator[dict[str, Branch]]:
    """Yield the branches that are wanted, by path, at most so many entries at a time.

    Args:
        tree: uproot's.
        paths: its branches, or fields, by path.

    Raises:
        DoneError: at the end. All else is of what uproot cannot read.
    """
    return (_branches if isinstance(tree, uproot.TTree) else _fields)(tree, paths, wanted, entries)


def _branches(
    tree: Any, paths: Mapping[str, Any], wanted: Collection[str], entries: int
) -> Iterator[dict[str, Branch]]:
    """Read a TTree. uproot returns arrays by the last part of their paths: those that share it are read apart."""
    apart: list[tuple[str, dict[str, str]]] = []
    for name in sorted(wanted):
        library, last = "np" if _is_flat(paths[name]) else "ak", paths[name].name
        place = next((one for its, one in apart if its == library and last not in one), None)
        if place is None:
            apart.append((library, place := {}))
        place[last] = name
    reads = []
    for library, one in apart:
        keys = {paths[name].cache_key for name in one.values()}
        chosen = functools.partial(lambda keys, branch: branch.cache_key in keys, keys)
        # never `expressions=` or `cut=`: uproot's own language reaches functions of Python
        reads.append(tree.iterate(filter_branch=chosen, step_size=entries, library=library, how=dict))
    there = int(tree.num_entries)  # a float in files of some writers
    for start in range(0, there, entries):
        _sound.begin()
        chunk = {
            name: array for (_, one), read in zip(apart, reads, strict=True) for name, array in _named(one, next(read))
        }
        if {len(array) for array in chunk.values()} != {min(entries, there - start)}:
            raise ValueError("some of its entries are missing")
        yield chunk
    raise DoneError


def _is_flat(branch: Any) -> bool:
    """Whether a branch has one number or condition for each entry, which needs no awkward array."""
    interpretation = branch.interpretation
    return type(interpretation) is AsDtype and interpretation.to_dtype.kind in "biuf" and not interpretation.inner_shape


def _named(lasts: dict[str, str], arrays: dict[str, Any]) -> Iterator[tuple[str, Branch]]:
    return ((path, arrays[last]) for last, path in lasts.items())


def _fields(tree: Any, paths: Mapping[str, Any], wanted: Collection[str], entries: int) -> Iterator[dict[str, Branch]]:
    """Read an RNTuple cluster by cluster, as uproot reads all of a cluster for any of its entries."""
    ends = [int(one.num_first_entry + one.num_entries) for one in tree.cluster_summaries]
    start = 0
    for end, after in zip(ends, [*ends[1:], None], strict=True):
        if after is not None and after - start <= entries:
            continue  # small clusters are read together
        _sound.begin()
        span = {"entry_start": start, "entry_stop": end, "array_cache": None}
        arrays = {name: paths[name].array(**span) for name in wanted}
        for begin in range(0, end - start, entries):
            yield {name: array[begin : begin + entries] for name, array in arrays.items()}
        start = end
    raise DoneError
