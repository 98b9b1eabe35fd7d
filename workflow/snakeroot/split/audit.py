"""`python -m snakeroot.split.audit`: proof that no event is in two splits of a fold, and what each split holds."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from snakeroot.data import copies, tables
from snakeroot.data.files import write_json
from snakeroot.data.identity import exact_bits
from snakeroot.data.traps import remarks
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.settings import ID
from snakeroot.split import traps, varied
from snakeroot.split.settings import SPLITS, AuditSettings

SPLITS_OF = [("split", "count_distinct"), ("split", "one")]
LARGE = 0.05
"""Share of the rows from which on a group is too large for splits of given shares."""
FAULT = "a fault of the split stage, please report it"
LEAK = (
    "the predefined splits share them, so what is tested was trained on. Take copies out of one of the splits, or let "
    "event_id decide (no split.column, one list of files); if event_id does not tell events apart, add what does"
)


def audit(
    settings: AuditSettings,
    train: Annotated[list[Path], "Parquet files of the split, fold by fold"],
    validation: Annotated[list[Path], "Parquet files of the split, fold by fold"],
    test: Annotated[list[Path], "Parquet files of the split, fold by fold"],
    varied_train: Annotated[list[Path], "train splits of variations that are trained on, fold by fold; or none"],
    varied_test: Annotated[list[Path], "test splits of these, fold by fold; or none"],
    report: Annotated[Path, "JSON file to write"],
) -> None:
    """Count entries, weights and duplicate events per sample and split of each fold.

    Refuse an event that is in two splits of a fold, or, with several folds, not in the test split of exactly one; also
    an event_id that many rows share which differ, and an event that is trained on in a variation and held out.
    """
    columns = [*(ID + name for name in settings.event_id), *_object(settings), "sample", "weight"]
    parts = len(train) // settings.folds
    folds = (
        {
            split: tables.read_all(paths[first : first + parts], columns)
            for split, paths in zip(SPLITS, (train, validation, test), strict=True)
        }
        for first in range(0, len(train), parts)
    )
    examined = examine(folds, settings)
    if settings.duplicates == "error":
        _refuse_poor_identity(examined, [*train[:parts], *validation[:parts], *test[:parts]], settings)
    rows, largest = sum(_rows_of(examined, name) for name in settings.classes), examined.get("largest_group", 0)
    if largest > LARGE * rows:
        logging.warning(
            "a group has %d of all %d rows: splits and intervals are rough; is 'group' what they share?", largest, rows
        )
    examined["traps"] = traps.find(train[:parts], settings)
    for remark in remarks(examined["traps"]):
        logging.warning("%s", remark)
    if varied_train:
        examined["varied"] = varied.audited(settings, varied_train, [validation, test, varied_test])
    write_json(examined, report)


def examine(folds: Iterable[dict[str, pa.Table]], settings: AuditSettings) -> dict[str, Any]:
    """Return the audit of tables by split, fold by fold, of which one is held at a time.

    `tested` counts the events that are in the test split of a fold. `duplicates` counts, within each sample, the rows
    beyond the first of their event, and the events that are in more than one sample; where rows are objects, those of
    the same object. Copies of an event share a split, so they do not leak; but they count twice. With a group,
    `overlap` is about groups, `groups` counts them, and `largest_group` the rows of the largest.

    Raises:
        SnakerootError: if an event or a group is in two splits of a fold, if several folds do not test each event
            exactly once, or if a class has no event in a split.
    """
    identity = [ID + name for name in settings.event_id]
    together = [ID + name for name in settings.group] or identity
    counted: list[dict[str, Any]] = []
    seen: list[pa.Table] = []
    for fold, splits in enumerate(folds):
        counted.append({split: _content(table, settings) for split, table in splits.items()})
        for split, content in counted[-1].items():
            _refuse_missing_class(f"{split} split of fold {fold}", content, settings)
        rows = pa.concat_tables([_identities(split, table, settings) for split, table in splits.items()])
        of_row = [*identity, *_object(settings)]
        alike = rows.group_by([*of_row, "sample", "split"], use_threads=False).aggregate([([], "count_all")])
        things = alike.group_by(of_row, use_threads=False).aggregate([("sample", "count_distinct")])
        groups = alike.group_by(together, use_threads=False).aggregate([*SPLITS_OF, ("count_all", "sum")])
        if overlap := _more_than_one(groups["split_count_distinct"]):
            what = f"{overlap} {'groups' if settings.group else 'events'} are in two splits of fold {fold}"
            raise SnakerootError(f"{what}: {LEAK if settings.predefined else FAULT}")
        events = alike.group_by(identity, use_threads=False).aggregate(SPLITS_OF) if settings.group else groups
        seen = [_seen(events.select([*identity, "split_one"]), seen, identity)]
    _refuse_uneven_folds(seen[0], settings.folds)
    sample, further = np.asarray(alike["sample"]), alike["count_all"].to_numpy() - 1
    largest = max(groups["count_all_sum"].to_pylist(), default=0)
    return {
        "folds": counted,
        "events": events.num_rows,
        "tested": int((seen[0]["tests"].to_numpy() > 0).sum()),
        "duplicates": {  # the last fold has all rows, as any other
            "within": {name: int(further[sample == name].sum()) for name in settings.classes},
            "across_samples": _more_than_one(things["sample_count_distinct"]),
        },
        "overlap": overlap,
        **({"groups": groups.num_rows, "largest_group": largest} if settings.group else {}),
    }


def _refuse_poor_identity(examined: dict[str, Any], paths: Sequence[Path], settings: AuditSettings) -> None:
    """Look at the content of rows that share their event_id, where there are many: at other times it is not read."""
    for name, count in examined["duplicates"]["within"].items():
        rows = _rows_of(examined, name)
        if copies.suspicious(count, rows):
            groups = _groups_of(name, paths)
            copies.refuse(groups, rows, settings.event_id, settings.branches, f"of the sample {name!r}")


def _rows_of(examined: dict[str, Any], sample: str) -> int:
    return sum(split[sample]["entries"] for split in examined["folds"][0].values())


def _groups_of(sample: str, paths: Sequence[Path]) -> Iterator[pa.Table]:
    """Yield the row groups of a sample; a file has rows of one sample."""
    for path in paths:
        with tables.open_parquet(path) as file:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number)
                if rows["sample"][0].as_py() != sample:
                    break
                yield rows


def _object(settings: AuditSettings) -> list[str]:
    """What tells the rows of an event apart."""
    return ["object"] if settings.objects else []


def _more_than_one(counts: pa.ChunkedArray) -> int:
    return int((counts.to_numpy() > 1).sum())


def _seen(events: pa.Table, before: list[pa.Table], identity: list[str]) -> pa.Table:
    """Return for each event in how many folds it has been so far, and in how many test splits."""
    here = events.select(identity)
    here = here.append_column("folds", pa.array(np.ones(here.num_rows, np.int64)))
    here = here.append_column("tests", pc.equal(events["split_one"], "test").cast(pa.int64()))
    summed = pa.concat_tables([*before, here]).group_by(identity, use_threads=False)
    return summed.aggregate([("folds", "sum"), ("tests", "sum")]).rename_columns([*identity, "folds", "tests"])


def _refuse_uneven_folds(events: pa.Table, folds: int) -> None:
    if missing := int((events["folds"].to_numpy() != folds).sum()):
        raise SnakerootError(f"{missing} events are not in all folds: {FAULT}")
    if folds > 1 and (uneven := int((events["tests"].to_numpy() != 1).sum())):
        raise SnakerootError(f"{uneven} events are not in the test split of exactly one fold: {FAULT}")


def _content(table: pa.Table, settings: AuditSettings) -> dict[str, dict[str, float]]:
    sample, weight = np.asarray(table["sample"].cast(pa.string())), table["weight"].to_numpy()
    chosen = {name: sample == name for name in settings.classes}
    return {name: {"entries": int(mask.sum()), "weight": float(weight[mask].sum())} for name, mask in chosen.items()}


def _identities(split: str, table: pa.Table, settings: AuditSettings) -> pa.Table:
    """The id columns by their exact bits (0.0 and -0.0 are two identities, as in the hash), object, sample, split."""
    columns = {name: exact_bits(name, table[name]) for name in (ID + branch for branch in settings.event_id)}
    columns |= {name: table[name].combine_chunks() for name in _object(settings)}
    columns["sample"] = table["sample"].cast(pa.string())
    columns["split"] = pa.array([split] * table.num_rows, pa.string())
    return pa.table(columns)


def _refuse_missing_class(where: str, counts: dict[str, dict[str, float]], settings: AuditSettings) -> None:
    for name in sorted({kind for kind in settings.classes.values() if kind}):
        samples = [sample for sample, kind in settings.classes.items() if kind == name]
        if not any(counts[sample]["entries"] for sample in samples):
            raise SnakerootError(
                f"class {name!r} ({', '.join(samples)}) has no event in the {where}: add events, give that split a "
                "larger fraction (for test: or fewer folds), or see whether event_id tells all events apart"
            )


if __name__ == "__main__":
    main(audit)
