"""The scores of an ntuple, chunk after chunk, by the models of all folds."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.apply.description import Description, Reading
from snakeroot.apply.entries import Rows, identities, objects, placed
from snakeroot.apply.model import Model
from snakeroot.data import points
from snakeroot.data.identity import event_hash
from snakeroot.data.points import Points
from snakeroot.errors import SnakerootError, hint
from snakeroot.features.cut_flow import CutFlow
from snakeroot.features.readers import READERS, WITH_TREES, kind
from snakeroot.features.settings import FeaturesSettings
from snakeroot.features.stream import Extracted, Wanted, local, stream
from snakeroot.features.transfers import remote
from snakeroot.networks.rows import numbers
from snakeroot.split.__main__ import assign
from snakeroot.split.settings import Fractions


@dataclass
class Counts:
    """What became of an ntuple: its entries, their rows, and how many of these were scored."""

    entries: int = 0
    rows: int = 0
    scored: int = 0


def points_for(description: Description, given: Sequence[str]) -> list[list[float]]:
    """Return the points at which a model scores: those that are given, as `mass=500`, or all that it was trained at.

    Raises:
        SnakerootError: if a point is not a value of each of the model's parameters, or the model is told none.
    """
    names = description.parameters
    if given and not names:
        raise SnakerootError(f"--at {given[0]}: {description.model} is told no parameter: leave it out")
    found = []
    for text in given:
        values = dict(part.partition("=")[::2] for part in text.split(","))
        try:
            if set(values) != set(names):
                raise ValueError
            point = [float(values[name]) for name in names]
            if not all(abs(value) <= float(np.finfo(np.float32).max) for value in point):
                raise ValueError
        except ValueError:
            known = " or ".join(f"--at {points.named(names, point)}" for point in description.points[:2])
            raise SnakerootError(f"--at {text}: give a number for {' and '.join(names)}, as {known}") from None
        for name, value, trained in zip(names, point, zip(*description.points, strict=True), strict=True):
            if not min(trained) <= value <= max(trained):
                logging.warning(
                    "--at %s: %s was trained at %s from %g to %g: beyond, nothing says what its scores mean",
                    *(text, description.model, name, min(trained), max(trained)),
                )
        found.append(point)
    return found or [list(point) for point in description.points]


def settings_for(description: Description, ntuple: str, sample: str | None, tree: str | None) -> FeaturesSettings:
    """Return how an ntuple is read: as those of a sample, or of any, if all are read alike.

    Args:
        ntuple: a path or a URL.
        tree: its tree, if it is another one.

    Raises:
        SnakerootError: if it has to be said which sample's ntuples it is like.
    """
    known = description.samples
    if sample is not None and sample not in known:
        raise SnakerootError(f"--sample {sample}: the model was made with {hint(sample, known)}")
    readings = {_text(one): one for one in ([known[sample]] if sample else known.values())}
    if len(readings) > 1:
        raise SnakerootError(
            f"{ntuple}: the samples of {description.task} are read in different ways (tree, branches or selection): "
            f"say which one this file is like, --sample {' or '.join(known)}"
        )
    reading = next(iter(readings.values()))
    wanted = tree or reading.tree
    if kind(ntuple) in WITH_TREES and wanted is None:
        raise SnakerootError(f"{ntuple}: say which tree of it is meant: --tree NAME")
    return description.features.model_copy(
        update={
            "aliases": reading.aliases,
            "selection": reading.selection,
            "tree": wanted if kind(ntuple) in WITH_TREES else None,
            "url": ntuple if remote(ntuple) else None,
        }
    )


def _text(reading: Reading) -> str:
    return reading.model_dump_json()


@contextmanager
def scores(
    models: Sequence[Model], ntuple: str, settings: FeaturesSettings, counts: Counts, at: Points = ()
) -> Iterator[Iterator[dict[str, Any]]]:
    """Yield who the entries are and what was predicted of them, in order, chunk after chunk, at least one.

    Args:
        models: of the folds, in their order.
        counts: in which what is read is counted.
        at: points of the parameters that models are told, if they are.
    """
    with (
        local(settings.url, [] if settings.url else [Path(ntuple)]) as (path, _),
        stream([Wanted(settings, CutFlow())], path, READERS.load(kind(ntuple))) as chunks,
    ):
        yield (_chunk(models, chunk, counts, at) for chunk in chunks)


def _chunk(models: Sequence[Model], chunk: Extracted, counts: Counts, at: Points) -> dict[str, Any]:
    entries = len(next(iter(chunk.branches.values())))
    sizes = objects(chunk.branches, chunk.plan)
    rows = score(models, chunk.rows, at)
    counts.entries += entries
    counts.rows += entries if sizes is None else int(sizes.sum())
    counts.scored += len(rows.entry)
    ids = identities(chunk.plan.settings.event_id, chunk.branches, chunk.start)
    return {"ids": ids, "predicted": placed(rows, chunk.start, entries, sizes)}


def score(models: Sequence[Model], table: pa.Table, at: Points = ()) -> Rows:
    """Score rows of features, each by the fold whose test split it is in: by networks that have not seen it.

    At points of parameters, each output is one for each of them, called `score@mass=500`.
    """
    about = models[0].description
    folds = folds_of(about, table)
    values: dict[str, NDArray[np.float64]] = {}
    for point in at or [()]:
        names = {name: points.at(name, about.parameters, point) if at else name for name in about.outputs}
        values |= {name: np.full(table.num_rows, np.nan) for name in names.values()}
        for number, model in enumerate(models):
            own = folds == number
            for name, scored in model.score(table.filter(pa.array(own)), point).items():
                values[names[name]][own] = scored[: int(own.sum())]
    of_objects = numbers(table["object"]) if "object" in table.column_names else None
    return Rows(numbers(table["entry"]), of_objects, folds, values)


def folds_of(description: Description, table: pa.Table) -> NDArray[np.int8]:
    """Return for each row the fold whose test split it is in."""
    split = description.split
    if not isinstance(split, Fractions) or split.folds == 1:
        return np.zeros(table.num_rows, np.int8)
    hashes = event_hash(table, description.group, split.seed)
    tested = [assign(hashes, split, fold) == 2 for fold in range(split.folds)]
    folds: NDArray[np.int8] = np.argmax(tested, axis=0).astype(np.int8)
    return folds
