"""From one ntuple to the table of features and the cut flow of each of its samples: all of them, or none."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

from snakeroot.data import copies, tables
from snakeroot.data.files import atomic, read_json, write_json
from snakeroot.data.overlap import behind
from snakeroot.errors import SnakerootError
from snakeroot.features import precision
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.readers import READERS, kind
from snakeroot.features.settings import FeaturesSettings, plain
from snakeroot.features.stream import Wanted, local, stream
from snakeroot.jobs.imports import kept
from snakeroot.settings import ENTRY


def make(
    samples: Sequence[FeaturesSettings],
    ntuple: list[Path],
    metadata: list[Path],
    written: Sequence[Path],
    cut_flows: Sequence[Path],
    threads: int = 1,
) -> dict[str, Any]:
    """Write the features of all samples of an ntuple, and return what is to be noted of a copy of a remote one.

    Args:
        samples: what `stream` takes together.
        metadata: JSON beside a generated ntuple, or nothing.
        written: Parquet files, one for each sample.
        cut_flows: JSON files, likewise.
        threads: with more than one, reading and writing overlap with computing; the results are the same.
    """
    if len(ntuple) != (samples[0].url is None):
        raise SnakerootError("--ntuple is one file, or none if the spec says a 'url'")
    name = samples[0].url or str(ntuple[0])
    generated = [{key: read_json(path)[key] for key in ("generated", "cross_section_pb")} for path in metadata]
    wanted = [Wanted(one, CutFlow(by_entry=ENTRY in one.event_id)) for one in samples]
    with kept():
        reader = READERS.load(kind(name))
    with local(samples[0].url, ntuple) as (path, source), atomic(*written, *cut_flows) as parts:
        _extract(wanted, path, reader, parts[: len(wanted)], threads > 1)
        for (settings, flow), part in zip(wanted, parts[len(wanted) :], strict=True):
            record: dict[str, Any] = {"sample": settings.sample, "part": settings.part, **flow.record()}
            write_json(record | {"simulated": generated[0] if generated else None}, part)
    share = wanted[0].flow.share
    if share < 1.0:
        logging.warning("%s: %.3g of its entries are read (limit); their weights stand for all", name, share)
    for settings, flow in wanted:
        told = name if len(wanted) == 1 else f"{name}: {settings.sample}"
        for remark in precision.remarks(flow.rounded, flow.inexact):
            logging.warning("%s: %s", told, remark)
        logging.info("%s: %s", told, ", ".join(f"{step}: {left.rows}" for step, left in flow.steps.items()))
    return source | {"verified": _verified(samples[0].checksum, ntuple)}


def _verified(checksum: str | None, ntuple: Sequence[Path]) -> dict[Path, str]:
    """Return the SHA-256 of the ntuple, if the file was compared with it: it need not be computed again."""
    kind, _, text = (checksum or "").partition(":")
    return dict.fromkeys(ntuple, text) if kind == "sha256" else {}


def _extract(
    wanted: Sequence[Wanted], path: Path, reader: ModuleType, written: Sequence[Path], overlapping: bool
) -> None:
    """Write the rows of all samples, chunk after chunk."""
    with (
        ExitStack() as files,
        stream(wanted, path, reader, overlapping) as chunks,
        behind() if overlapping else nullcontext(_at_once) as give,  # done before a file is ended
    ):
        writers: dict[int, Callable[[pa.Table], None]] = {}
        for one in chunks:
            if one.place not in writers:
                refuse_poor_identity(path, one.rows, one.plan.settings)
                writers[one.place] = files.enter_context(tables.writer(one.rows.schema, written[one.place]))
            give(functools.partial(writers[one.place], one.rows))


def _at_once(work: Callable[[], None]) -> None:
    work()


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
