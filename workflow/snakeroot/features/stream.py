"""An ntuple, as it is read: its entries, chunk after chunk, and what rows they give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import awkward as ak
import pyarrow as pa

from snakeroot.errors import SnakerootError, nearest
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.extract import Plan, extract
from snakeroot.features.ntuple import verify
from snakeroot.features.rows import Chunk
from snakeroot.features.settings import FeaturesSettings
from snakeroot.features.source import Source
from snakeroot.features.transfers import TRANSFERS
from snakeroot.features.transfers import kind as transfer
from snakeroot.physics.expressions.evaluation import TogetherTooManyError


class Extracted(NamedTuple):
    """Some entries of an ntuple.

    Attributes:
        start: number of the first of them in the file.
        branches: of all of them.
        rows: of those that pass.
        plan: by which they were found.
    """

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
def stream(settings: FeaturesSettings, path: Path, reader: ModuleType, flow: CutFlow) -> Iterator[Iterator[Extracted]]:
    """Open an ntuple and yield its entries in order, of which there may be none, but at least one chunk.

    Args:
        flow: in which all entries are counted.

    Raises:
        SnakerootError: with the file, the branch or the expression that is wrong.
    """
    plan = Plan.of(settings)
    verify(path, settings.checksum, reader.KIND, reader.SIGNATURE)
    with reader.opened(path, settings.tree) as tree:
        branches = {name: settings.aliases.get(name, name) for name in plan.branches}
        source = Source(reader, path, tree, branches, settings.limit)
        _refuse_clashes(path, reader, tree, plan)
        plan = plan.found(_paths(source, plan), source.share())
        flow.share = plan.share
        yield _rows(path, source.chunks(plan.chunk), plan, flow)


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
        unknown = next((name for name in plan.branches if f"no branch {name!r}" in str(error)), "")
        near = nearest(unknown, list(plan.settings.definitions))
        raise SnakerootError(f"{error}; or is it the definition {near!r}?" if near else str(error)) from error
    return paths


def _rows(path: Path, chunks: Iterator[dict[str, ak.Array]], plan: Plan, flow: CutFlow) -> Iterator[Extracted]:
    """Yield the rows of chunk after chunk; of fewer entries at once from where a chunk has too many combinations on."""
    start, most = 0, plan.chunk
    for chunk in chunks:
        entries, begin = len(next(iter(chunk.values()))), 0
        while begin < entries:
            some = {name: values[begin : begin + most] for name, values in chunk.items()}
            counted = CutFlow()
            try:
                rows = extract(some, start + begin, plan, counted)
            except TogetherTooManyError:
                most = -(-len(next(iter(some.values()))) // 2)
                continue
            except SnakerootError as error:
                raise SnakerootError(f"{path}: {error}") from error
            flow.add(counted)
            yield Extracted(start + begin, some, rows, plan)
            begin += most
        start += entries
