"""An ntuple, as it is read: its entries, chunk after chunk, and what rows they give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pyarrow as pa

from snakeroot.data.overlap import ahead
from snakeroot.errors import SnakerootError, nearest
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.extract import Plan, extract
from snakeroot.features.ntuple import verify
from snakeroot.features.picked import Chunk
from snakeroot.features.settings import FeaturesSettings
from snakeroot.features.source import Source
from snakeroot.features.transfers import TRANSFERS
from snakeroot.features.transfers import kind as transfer
from snakeroot.physics.expressions.evaluation import TogetherTooManyError


class Wanted(NamedTuple):
    """What is read of an ntuple for a sample, and the cut flow in which its entries are counted."""

    settings: FeaturesSettings
    flow: CutFlow


class Extracted(NamedTuple):
    """Some entries of an ntuple.

    Attributes:
        place: of the sample that they are read for, among those wanted.
        start: number of the first of them in the file.
        branches: of all of them.
        rows: of those that pass.
        plan: by which they were found.
    """

    place: int
    start: int
    branches: Chunk
    rows: pa.Table
    plan: Plan


@contextmanager
def local(url: str | None, ntuple: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the file, or a copy of a remote one, whose URL messages then name, and what is recorded of the copy."""
    if url is None:
        yield ntuple[0], {}
        return
    with TRANSFERS.load(transfer(url)).copied(url) as (path, source):
        try:
            yield path, source
        except SnakerootError as error:
            raise SnakerootError(str(error).replace(str(path), url)) from error


@contextmanager
def stream(
    wanted: Sequence[Wanted], path: Path, reader: ModuleType, overlapping: bool = False
) -> Iterator[Iterator[Extracted]]:
    """Open an ntuple and yield its entries for each sample in order: maybe none, but one chunk of them at least.

    Args:
        wanted: one or more, which differ in nothing but sample, target, weight and selection: what a branch is called,
            which tree it is in, and how many entries are read is the same.
        overlapping: read each chunk while the rows of the one before are computed.

    Raises:
        SnakerootError: with the file, the branch or the expression that is wrong.
    """
    first, plans = wanted[0].settings, [Plan.of(one.settings) for one in wanted]
    verify(path, first.checksum, reader.KIND, reader.SIGNATURE)
    with reader.opened(path, first.tree) as tree:
        branches = {name: first.aliases.get(name, name) for plan in plans for name in plan.branches}
        source = Source(reader, path, tree, branches, first.limit)
        for plan in plans:
            _refuse_clashes(path, reader, tree, plan)
        paths, share = _paths(source, plans[0]), source.share()
        plans = [plan.found(paths, share) for plan in plans]
        readings = [
            _Reading(place, path, plan, one.flow) for place, (plan, one) in enumerate(zip(plans, wanted, strict=True))
        ]
        read = source.chunks(plans[0].chunk)
        with closing(ahead(read)) if overlapping else nullcontext(read) as chunks:
            yield (rows for chunk in chunks for one in readings for rows in one.of(chunk))


@contextmanager
def entries(
    settings: FeaturesSettings, path: Path, reader: ModuleType, most: int
) -> Iterator[Iterator[tuple[Chunk, Plan]]]:
    """Open an ntuple and yield who its entries are, so many at once, without what is computed of them.

    The branches are those of `event_id`, and where objects are the rows, what says how many of them there are.
    """
    plan = Plan.of(settings)
    verify(path, settings.checksum, reader.KIND, reader.SIGNATURE)
    with reader.opened(path, settings.tree) as tree:
        needed = plan.branches if settings.rows else [name for name in settings.event_id if name in plan.branches]
        branches = {name: settings.aliases.get(name, name) for name in needed or plan.branches[:1]}
        source = Source(reader, path, tree, branches)
        plan = plan.found(_paths(source, plan))
        yield ((chunk, plan) for chunk in source.chunks(most))


def clashes(path: Path, reader: ModuleType, tree: Any, plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the definitions that have the name of a branch, of which an expression might mean either, and its path."""
    for name in plan.definitions:
        try:
            branch = reader.paths(path, tree, [name])[name]
        except SnakerootError:  # there is none, or several, which no expression could mean by this name
            continue
        yield name, branch


def _refuse_clashes(path: Path, reader: ModuleType, tree: Any, plan: Plan) -> None:
    for name, branch in clashes(path, reader, tree, plan):
        raise SnakerootError(f"{path}: definitions.{name}: there is a branch {branch!r}; call the definition otherwise")


def _paths(source: Source, plan: Plan) -> dict[str, str]:
    """Return the paths of all branches; what is none may be a misspelt definition."""
    try:
        paths = source.paths()
    except SnakerootError as error:
        unknown = next((name for name in source.branches if f"no branch {name!r}" in str(error)), "")
        near = nearest(unknown, list(plan.settings.definitions))
        raise SnakerootError(f"{error}; or is it the definition {near!r}?" if near else str(error)) from error
    return paths


class _Reading:
    """The rows of chunk after chunk for a sample.

    Attributes:
        most: entries at once: fewer from where a chunk has too many combinations on.
    """

    def __init__(self, place: int, path: Path, plan: Plan, flow: CutFlow) -> None:
        self.place, self.path, self.plan, self.flow = place, path, plan, flow
        self.branches, self.start, self.most = plan.branches, 0, plan.chunk
        flow.share = plan.share

    def of(self, chunk: Chunk) -> Iterator[Extracted]:
        """Yield the rows of the entries that come next."""
        entries, begin = len(next(iter(chunk.values()))), 0
        own = {name: chunk[name] for name in self.branches}
        while begin < entries:
            some = {name: values[begin : begin + self.most] for name, values in own.items()}
            counted = CutFlow()
            try:
                rows = extract(some, self.start + begin, self.plan, counted)
            except TogetherTooManyError:
                self.most = -(-len(next(iter(some.values()))) // 2)
                continue
            except SnakerootError as error:
                raise SnakerootError(f"{self.path}: {error}") from error
            self.flow.add(counted)
            yield Extracted(self.place, self.start + begin, some, rows, self.plan)
            begin += self.most
        self.start += entries
