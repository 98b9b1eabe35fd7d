"""`python -m snakeroot.features`: one ntuple to one Parquet file and its cut flow."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pyarrow as pa

from snakeroot.data import copies, tables
from snakeroot.data.files import atomic, read_json, write_json
from snakeroot.errors import SnakerootError
from snakeroot.features import precision
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.readers import READERS, kind
from snakeroot.features.settings import FeaturesSettings, plain
from snakeroot.features.stream import local, stream
from snakeroot.jobs.command import main
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


def _extract(settings: FeaturesSettings, path: Path, reader: ModuleType, table: Path) -> CutFlow:
    flow = CutFlow(by_entry=ENTRY in settings.event_id)
    with stream(settings, path, reader, flow) as chunks:
        rows = (chunk.rows for chunk in chunks)
        first = next(rows)
        refuse_poor_identity(path, first, settings)
        tables.write(itertools.chain([first], rows), first.schema, table)
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


if __name__ == "__main__":
    main(features)
