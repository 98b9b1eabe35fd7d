"""`python -m snakeroot.features`: one ntuple to one Parquet file and its cut flow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import awkward as ak
import pyarrow as pa

from snakeroot import tables
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.extract import Plan, extract
from snakeroot.features.ntuple import verify
from snakeroot.features.readers import READERS, kind
from snakeroot.features.settings import FeaturesSettings
from snakeroot.files import read_json, whole, write_json


def features(
    settings: FeaturesSettings,
    ntuple: Annotated[Path, "ROOT or HDF5 file to read"],
    facts: Annotated[list[Path], "JSON beside a generated ntuple: events generated and cross-section"],
    table: Annotated[Path, "Parquet file to write"],
    cut_flow: Annotated[Path, "JSON file to write: what became of every entry"],
) -> None:
    """Compute the features of one ntuple, entry by entry, in bounded memory."""
    flow = CutFlow()
    plan = Plan.of(settings)
    reader = READERS.load(kind(ntuple))
    verify(ntuple, settings.checksum, reader.KIND, reader.SIGNATURE)
    with whole(table, cut_flow) as [table_part, cut_flow_part], reader.opened(ntuple, settings.tree) as tree:
        rows = _rows(ntuple, reader.chunks(ntuple, tree, plan.branches, plan.chunk), plan, flow)
        first = next(rows)
        tables.write(_chain(first, rows), first.schema, table_part)
        generated = [{key: read_json(path)[key] for key in ("generated", "cross_section_pb")} for path in facts]
        record: dict[str, Any] = {"sample": settings.sample, "part": settings.part, **flow.record()}
        write_json(record | {"simulated": generated[0] if generated else None}, cut_flow_part)
    logging.info("%s: %s", ntuple, ", ".join(f"{step}: {left.rows}" for step, left in flow.steps.items()))


def _rows(path: Path, chunks: Iterator[dict[str, ak.Array]], plan: Plan, flow: CutFlow) -> Iterator[pa.Table]:
    start = 0
    for chunk in chunks:
        try:
            yield extract(chunk, start, plan, flow)
        except SnakerootError as error:
            raise SnakerootError(f"{path}: {error}") from error
        start += plan.chunk


def _chain(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


if __name__ == "__main__":
    main(features)
