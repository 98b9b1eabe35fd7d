"""Which branches tell events apart, and which one is their weight: tested on the entries that were read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import awkward as ak
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import copies
from snakeroot.data.identity import row_hash
from snakeroot.errors import SnakerootError
from snakeroot.features.columns import identity
from snakeroot.settings import ID
from snakeroot.survey.branches import Branch
from snakeroot.survey.samples import Looked

_PARTS = (r"run", r"lumi|ls|lbn", r"event|evt|evn")
"""Words by which the parts of an event's identity are known, in the order in which they are written."""
_WEIGHTS = (
    r"(?:[a-z]_)?(?:event_?)?weight",
    r"(?:[a-z]_)?w",
    r"(?:mc|gen|total|full)_?(?:event_?)?weight",
    r".*weight.*",
)
"""Names of the weight of an event, the most telling first; scale factors are parts of one."""


EVERYTHING = "\0"
"""In place of a branch: a row with all that it has."""
LEAST, MOST = 3, 8
"""Branches without a telling name: so many are put together at least, as more events would share the value of one, and
so many are tried."""
TOGETHER = 100
"""Rows of one event, at most, on average."""


@dataclass(frozen=True)
class Identity:
    """An event_id.

    Attributes:
        shared: share of rows, in the sample where it is largest, that have the identity of another row.
        named: whether names say that it is one, or a part of it.
        poor: whether too many of these rows differ.
        group: of them, those that say the event that rows are of, which are several.
    """

    branches: list[str]
    shared: float
    named: bool
    poor: bool
    group: tuple[str, ...] = ()


def event_id(samples: Sequence[Looked], branches: Sequence[Branch]) -> Identity:
    """Return the branches that tell the events of each sample apart: run, luminosity block and event, if there are.

    Without these, branches of many values are put together until they do.

    Raises:
        SnakerootError: if there is no branch with one value per event.
    """
    lists = [branch.name for branch in branches if branch.depth == 1 and branch.numeric]
    known = _hashes(samples, [branch.name for branch in branches if _usable(branch)], lists)
    if not known:
        raise SnakerootError(f"{samples[0].files[0]}: no branch has one value per event, so nothing tells events apart")
    usable = [branch for branch in branches if branch.name in known]
    named = _named(usable)
    if named and not (found := _judged(known, named, named=True)).poor:
        return found
    distinct = {
        one.name: min(len(np.unique(values)) / len(values) for values in known[one.name].values())
        for one in usable
        if one.distinct != 1
    } or {usable[0].name: 0.0}
    chosen, best = named, _judged(known, named, named=True) if named else None
    order = {one.name: (one.hint not in ("weight", "class"), not one.depth) for one in usable}
    for name in sorted(distinct, key=lambda one: (order[one], distinct[one]), reverse=True)[:MOST]:
        more = _judged(known, [*chosen, name], named=False) if name not in chosen else None
        if more and (best is None or more.shared < best.shared or len(chosen) < LEAST):
            chosen, best = more.branches, more
    assert best is not None  # noqa: S101 - there is a branch
    return replace(best, named=bool(named), group=tuple(named) if named and _of_few(known, named) else ())


def _usable(branch: Branch) -> bool:
    """Whether a branch may be in an event_id: one that is constant says nothing, unless its name says that it will."""
    constant = branch.distinct == 1 and branch.hint != "id"
    single = not branch.depth or branch.type[0].isdigit()  # an array of one shape is one identity
    return single and branch.type != "unreadable" and not constant and not branch.nan


def _of_few(known: dict[str, dict[str, NDArray[np.uint64]]], names: Sequence[str]) -> bool:
    """Whether rows of one identity are few, as the jets of an event are: else they would all be in one split."""
    events = [_joined(known, names, sample) for sample in known[EVERYTHING]]
    return all(len(event) <= TOGETHER * len(np.unique(event)) for event in events)


def _named(branches: Sequence[Branch]) -> list[str]:
    """Return the run, the luminosity block and the event, as far as they are there; nothing without the event."""
    found = []
    for words in _PARTS:
        matching = [one.name for one in branches if one.hint == "id" and re.search(words, _last(one.name))]
        found.append(min(matching, key=len, default=None))
    return [name for name in dict.fromkeys(found) if name] if found[-1] else []


def _last(name: str) -> str:
    return re.split(r"[/.]", name)[-1].lower()


def _hashes(
    samples: Sequence[Looked], names: Sequence[str], lists: Sequence[str]
) -> dict[str, dict[str, NDArray[np.uint64]]]:
    """Return a hash of each row's value, by branch and sample."""
    found: dict[str, dict[str, NDArray[np.uint64]]] = {}
    for name in names:
        try:
            columns = {one.name: identity(name, one.arrays[name], np.arange(one.entries)) for one in samples}
        except SnakerootError:  # no identity in some entries, or text that is none
            continue
        found[name] = {sample: row_hash(pa.table({ID: column}), [ID]) for sample, column in columns.items()}
    if found:
        found[EVERYTHING] = {one.name: _content(found, one, lists) for one in samples}
    return found


def _content(
    known: dict[str, dict[str, NDArray[np.uint64]]], sample: Looked, lists: Sequence[str]
) -> NDArray[np.uint64]:
    """Return a hash of what each row has; of lists their lengths and first elements."""
    columns = {f"{place}": pa.array(of[sample.name]) for place, of in enumerate(known.values())}
    for name in lists:
        first = ak.values_astype(ak.fill_none(ak.firsts(sample.arrays[name]), 0), np.float64)
        columns[f"count({name})"] = pa.array(ak.to_numpy(ak.fill_none(ak.num(sample.arrays[name]), 0)))
        columns[f"first({name})"] = pa.array(ak.to_numpy(first))
    return row_hash(pa.table(columns), list(columns))


def _judged(known: dict[str, dict[str, NDArray[np.uint64]]], names: Sequence[str], *, named: bool) -> Identity:
    shares, poor = [], False
    for sample, content in known[EVERYTHING].items():
        event = _joined(known, names, sample)
        shares.append(1 - len(np.unique(event)) / len(event))
        poor = poor or copies.many(copies.differing(event, content), len(event))
    return Identity(list(names), max(shares), named, poor)


def _joined(known: dict[str, dict[str, NDArray[np.uint64]]], names: Sequence[str], sample: str) -> NDArray[np.uint64]:
    columns = {f"{place}": pa.array(known[name][sample]) for place, name in enumerate(names)}
    return row_hash(pa.table(columns), list(columns))


def weights(branches: Sequence[Branch]) -> Iterator[str]:
    """Yield the branches that may be the weight of an event, the most likely first."""
    possible = [one for one in branches if one.hint == "weight" and not one.depth and one.numeric and not one.nan]
    names = [one.name for one in possible if (one.lowest, one.highest) != (0, 0)]
    yield from dict.fromkeys(name for words in _WEIGHTS for name in names if re.fullmatch(words, _last(name)))
