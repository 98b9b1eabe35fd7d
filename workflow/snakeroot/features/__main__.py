"""`python -m snakeroot.features`: one ntuple to one Parquet file and its cut flow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import awkward as ak
import pyarrow as pa

from snakeroot.data import copies, tables
from snakeroot.data.files import atomic, read_json, write_json
from snakeroot.errors import SnakerootError, nearest
from snakeroot.features import precision
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.extract import Plan, extract
from snakeroot.features.ntuple import verify
from snakeroot.features.readers import READERS, kind
from snakeroot.features.settings import FeaturesSettings, plain
from snakeroot.features.source import Source
from snakeroot.features.transfers import TRANSFERS
from snakeroot.features.transfers import kind as transfer
from snakeroot.jobs.command import main
from snakeroot.physics.expressions.evaluation import TogetherTooManyError
from snakeroot.settings import ENTRY


def features(
    settings: FeaturesSettings,
    ntuple: Annotated[list[Path], "file to read, of a kind in features/readers; none if the spec says its URL"],
    metadata: Annotated[list[Path], "JSON beside a generated ntuple: events generated and cross-section"],
    table: Annotated[Path, "Parquet file to write"],
    cut_flow: Annotated[Path, "JSON file to write: what became of every entry"],
) -> dict[str, Any]:
    """Compute the features of one ntuple, entry by entry, in bounded memory."""
    if len(ntuple) != (settings.url is None):
        raise SnakerootError("--ntuple is one file, or none if the spec says a 'url'")
    name = settings.url or str(ntuple[0])
    generated = [{key: read_json(path)[key] for key in ("generated", "cross_section_pb")} for path in metadata]
    with local(settings.url, ntuple) as (path, source), atomic(table, cut_flow) as [table_part, cut_flow_part]:
        flow = _extract(settings, path, READERS.load(kind(name)), table_part)
        record: dict[str, Any] = {"sample": settings.sample, "part": settings.part, **flow.record()}
        write_json(record | {"simulated": generated[0] if generated else None}, cut_flow_part)
    if flow.share < 1.0:
        logging.warning("%s: %.3g of its entries are read (limit); their weights stand for all", name, flow.share)
    for remark in precision.remarks(flow.rounded, flow.inexact):
        logging.warning("%s: %s", name, remark)
    logging.info("%s: %s", name, ", ".join(f"{step}: {left.rows}" for step, left in flow.steps.items()))
    return source


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


def _extract(settings: FeaturesSettings, path: Path, reader: ModuleType, table: Path) -> CutFlow:
    flow, plan = CutFlow(by_entry=ENTRY in settings.event_id), Plan.of(settings)
    verify(path, settings.checksum, reader.KIND, reader.SIGNATURE)
    with reader.opened(path, settings.tree) as tree:
        branches = {name: settings.aliases.get(name, name) for name in plan.branches}
        source = Source(reader, path, tree, branches, settings.limit)
        _refuse_clashes(path, reader, tree, plan)
        plan = plan.found(_paths(source, plan), source.share())
        flow.share = plan.share
        rows = _rows(path, source.chunks(plan.chunk), plan, flow)
        first = next(rows)
        refuse_poor_identity(path, first, settings)
        tables.write(_chain(first, rows), first.schema, table)
    return flow


def refuse_poor_identity(path: Path, first: pa.Table, settings: FeaturesSettings) -> None:
    """Look at the first chunk, so that a poor event_id is an error before all training; the audit looks at all rows."""
    rows = first.num_rows
    if settings.duplicates == "keep" or not copies.suspicious(copies.shared(first, settings.event_id), rows):
        return
    branches = plain(settings, settings.spectators)
    try:
        copies.refuse([first], rows, settings.event_id, branches, "read first")
    except SnakerootError as error:
        raise SnakerootError(f"{path}: {error}") from error


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


def _rows(path: Path, chunks: Iterator[dict[str, ak.Array]], plan: Plan, flow: CutFlow) -> Iterator[pa.Table]:
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
            yield rows
            begin += most
        start += entries


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


if __name__ == "__main__":
    main(features)
