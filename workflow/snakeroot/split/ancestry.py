"""`python -m snakeroot.split.ancestry`: how many events of a model's test split its ancestors have learned from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from snakeroot.data import tables
from snakeroot.data.files import write_json
from snakeroot.data.identity import Hash, event_hash
from snakeroot.errors import SnakerootError
from snakeroot.jobs.command import main
from snakeroot.settings import ID
from snakeroot.split.ancestry_settings import AncestrySettings, TestedFold

WAYS = (
    "give both tasks the same event_id (or group), split.seed, shares and folds, so that an event is in the same split "
    "in both; or write 'known_events: count' there, and the report states their number"
)


def ancestry(
    settings: AncestrySettings,
    tested: Annotated[list[Path], "Parquet files of the model's test splits, fold by fold"],
    learned: Annotated[list[Path], "Parquet files that ancestors have learned from, fold by fold"],
    report: Annotated[Path, "JSON file to write"],
) -> None:
    """Count, in each fold, the distinct events of the test split that an ancestor has learned from.

    An event is known by a hash of 64 bits of the exact bits of its identity, whatever its sample: samples of one task
    that share numbers are told apart by nothing else in the split either.

    Raises:
        SnakerootError: if there are any, and they are not allowed; or if identities are of different types.
    """
    of_tests, of_ancestors = iter(tested), iter(learned)
    counted = [_fold(fold, settings.identity, of_tests, of_ancestors) for fold in settings.folds]
    if refused := [text for fold, known in zip(settings.folds, counted, strict=True) for text in _leaks(fold, known)]:
        raise SnakerootError(f"{settings.name}: {'; '.join(refused)}: what is tested was learned from: {WAYS}")
    write_json({"folds": counted}, report)


def _fold(fold: TestedFold, identity: Sequence[str], tests: Iterable[Path], learned: Iterable[Path]) -> dict[str, Any]:
    events, types = _events(islice(tests, fold.files), identity)
    ancestors = []
    for one in fold.ancestors:
        shared = None
        if one.files:
            others, their_types = _events(islice(learned, one.files), identity)
            if types != their_types:
                raise SnakerootError(
                    f"event_id has other types here than where {one.name} was trained ({_told(types)}; there "
                    f"{_told(their_types)}), so it cannot be told which events both have: give both the same files, or "
                    "branches of one type"
                )
            shared = int(np.isin(events, others, assume_unique=True).sum())
            logging.info("%d of %d test events of fold %d: %s", shared, len(events), fold.fold, one.name)
            ancestors.append({"name": one.name, "learned": len(others), "shared": shared})
        else:
            ancestors.append({"name": one.name, "learned": None, "shared": None})
    return {"fold": fold.fold, "tested": len(events), "ancestors": ancestors}


def _events(paths: Iterable[Path], identity: Sequence[str]) -> tuple[Hash, dict[str, str]]:
    """Return the hash of each distinct event of some tables, and the types of its identity."""
    columns = [ID + name for name in identity]
    found, types = [np.empty(0, np.uint64)], dict[str, str]()
    for path in paths:
        with tables.open_parquet(path) as file:
            for number in range(file.num_row_groups):
                rows = file.read_row_group(number, columns)
                types = {name: str(rows[ID + name].type) for name in identity}
                found.append(np.unique(event_hash(rows, identity)))
    return np.unique(np.concatenate(found)), types


def _told(types: dict[str, str]) -> str:
    return ", ".join(f"{name}: {kind}" for name, kind in types.items())


def _leaks(fold: TestedFold, counted: dict[str, Any]) -> list[str]:
    return [
        f"{known['shared']} of {counted['tested']} events of the test split of fold {fold.fold} have trained {one.name}"
        for one, known in zip(fold.ancestors, counted["ancestors"], strict=True)
        if known["shared"] and not one.allowed
    ]


if __name__ == "__main__":
    main(ancestry)
