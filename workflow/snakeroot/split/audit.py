"""`python -m snakeroot.split.audit`: proof that no event is in two splits, and what each split holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa

from snakeroot import tables
from snakeroot.command import main
from snakeroot.errors import SnakerootError
from snakeroot.files import write_json
from snakeroot.settings import ID
from snakeroot.split.identity import exact_bits
from snakeroot.split.settings import SPLITS, AuditSettings


def audit(
    settings: AuditSettings,
    train: Annotated[list[Path], "Parquet files of the split"],
    validation: Annotated[list[Path], "Parquet files of the split"],
    test: Annotated[list[Path], "Parquet files of the split"],
    report: Annotated[Path, "JSON file to write"],
) -> None:
    """Count entries, weights and duplicate events per sample and split; refuse an event that is in two splits."""
    columns = [*(ID + name for name in settings.event_id), "sample", "weight"]
    found = {
        name: tables.read_all(paths, columns) for name, paths in zip(SPLITS, (train, validation, test), strict=True)
    }
    write_json(examine(found, settings), report)


def examine(found: dict[str, pa.Table], settings: AuditSettings) -> dict[str, Any]:
    """Return the audit of tables by split.

    `duplicates` counts, within each sample, the rows beyond the first of their event, and the events that are in more
    than one sample. Copies of an event share a split, so they do not leak; but they count twice.

    Raises:
        SnakerootError: if an event is in two splits, or a class has no event in one of them.
    """
    splits = {split: _content(table, settings) for split, table in found.items()}
    for split, content in splits.items():
        _refuse_missing_class(split, content, settings)

    rows = pa.concat_tables([_identities(split, table, settings) for split, table in found.items()])
    identity = [ID + name for name in settings.event_id]
    copies = rows.group_by([*identity, "sample", "split"], use_threads=False).aggregate([([], "count_all")])
    events = copies.group_by(identity, use_threads=False).aggregate(
        [("sample", "count_distinct"), ("split", "count_distinct")]
    )
    overlap = int((events["split_count_distinct"].to_numpy() > 1).sum())
    if overlap:
        raise SnakerootError(f"{overlap} events are in two splits: a fault of the split stage, please report it")
    sample, further = np.asarray(copies["sample"]), copies["count_all"].to_numpy() - 1
    duplicates = {name: int(further[sample == name].sum()) for name in settings.classes}
    across = int((events["sample_count_distinct"].to_numpy() > 1).sum())
    return {"splits": splits, "duplicates": {"within": duplicates, "across_samples": across}, "overlap": overlap}


def _content(table: pa.Table, settings: AuditSettings) -> dict[str, dict[str, float]]:
    sample, weight = np.asarray(table["sample"].cast(pa.string())), table["weight"].to_numpy()
    chosen = {name: sample == name for name in settings.classes}
    return {name: {"entries": int(mask.sum()), "weight": float(weight[mask].sum())} for name, mask in chosen.items()}


def _identities(split: str, table: pa.Table, settings: AuditSettings) -> pa.Table:
    """The id columns by their exact bits (0.0 and -0.0 are two identities, as in the hash), with sample and split."""
    columns = {name: exact_bits(name, table[name]) for name in (ID + branch for branch in settings.event_id)}
    columns["sample"] = table["sample"].cast(pa.string())
    columns["split"] = pa.array([split] * table.num_rows, pa.string())
    return pa.table(columns)


def _refuse_missing_class(split: str, counts: dict[str, dict[str, float]], settings: AuditSettings) -> None:
    for name in sorted({kind for kind in settings.classes.values() if kind}):
        samples = [sample for sample, kind in settings.classes.items() if kind == name]
        if not any(counts[sample]["entries"] for sample in samples):
            raise SnakerootError(
                f"class {name!r} ({', '.join(samples)}) has no event in the {split} split: add events, give that split "
                "a larger fraction, or see whether event_id tells all events apart"
            )


if __name__ == "__main__":
    main(audit)
