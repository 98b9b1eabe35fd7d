"""Rows of predictions with the columns that expressions need, weighted to stand for all events of their samples."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.data import tables
from snakeroot.data.cancellation import add_up
from snakeroot.data.once import firsts
from snakeroot.errors import SnakerootError
from snakeroot.evaluate.join import join
from snakeroot.evaluate.resampling import together
from snakeroot.networks.rows import numbers
from snakeroot.physics.expressions import evaluation
from snakeroot.physics.expressions.language import parse
from snakeroot.physics.expressions.values import Values
from snakeroot.settings import ID

Floats = NDArray[np.float64]

LACKING = 0.8
"""A variation whose files have fewer of the nominal entries lacks events, unless it says how many were generated."""


class Source(NamedTuple):
    """Predictions, and the features of their rows, where these are needed."""

    predictions: Path
    features: Sequence[Path]


@dataclass(frozen=True)
class Rows:
    """Rows of several samples.

    Attributes:
        names: of the samples.
        sample: place of each row's sample among the names, (n,).
        weight: yield that a row stands for, (n,): those of a sample add up to what is expected of it.
        values: columns by name, a number or a condition per row.
        entry: number of each row's entry in its file, (n,).
        share: of each sample, which share of its yield has rows here.
        copies: rows per event: with several folds, an event validates some of the networks.
        repeated: rows of recorded events that are left out, as their event is there.
        identity: what says which rows are of the same event, or group of events, if that was asked for, n rows.
    """

    names: Sequence[str]
    sample: NDArray[np.int32]
    weight: Floats
    values: Mapping[str, Values]
    entry: NDArray[np.int64]
    share: Mapping[str, float]
    copies: float = 1.0
    repeated: int = 0
    identity: pa.Table | None = None

    def where(self, samples: Collection[str]) -> NDArray[np.bool_]:
        """Return which rows are of these samples, (n,)."""
        return np.isin(self.sample, [place for place, name in enumerate(self.names) if name in samples])

    def weighted(self, factor: Floats) -> Rows:
        """Return the same rows with their weights multiplied, (n,)."""
        return replace(self, weight=self.weight * factor)

    def called(self, row: int) -> str:
        """Return "entry 7 of a file of 'zz'": which row it is, for messages."""
        return f"entry {self.entry[row]} of a file of {self.names[self.sample[row]]!r}"


def read(
    sources: Sequence[Source],
    predicted: Sequence[str],
    columns: Sequence[str],
    samples: Sequence[str],
    normalisation: Mapping[str, Any],
    observed: str | None = None,
    *,
    identified: bool = False,
) -> Rows:
    """Read the rows of some samples.

    Args:
        predicted: columns of the predictions.
        columns: columns of the features.
        normalisation: of each sample, the total weight of its rows and the factor from weights to yields.
        observed: a sample of recorded events, each of which counts once, in the first row that has it.
        identified: whether the rows say which event they are of; then no sample is `observed`, and one without rows, or
            whose weights do not add up to more than 0, is taken as it is, with a share of NaN.

    Raises:
        SnakerootError: if a sample has no row, if its weights do not add up to more than 0, or if a column holds text.
    """
    parts = [_read(source, predicted, columns, samples, observed) for source in sources]
    sample = np.concatenate([part["sample"] for part in parts])
    weight = np.concatenate([part["weight"] for part in parts])
    share = {}
    for place, name in enumerate(samples):
        known = normalisation[name]
        own, paths = sample == place, " and ".join(str(source.predictions) for source in sources)
        if identified and not add_up(weight[own]):  # what there is of it is in the metrics, too
            share[name] = np.nan
            continue
        if not own.any():
            raise SnakerootError(f"{paths}: no event of the sample {name!r} is there; give it more events or files")
        if not add_up(weight[own]):
            raise SnakerootError(
                f"{paths}: the weights of the sample {name!r} sum to {weight[own].sum():g} over {own.sum()} events, "
                "which must be above zero; check `weight` and `negative_weights` of the task"
            )
        share[name] = float(weight[own].sum() / (known["weight"] * known["factor"]))
        weight[own] /= share[name]
    values = {name: Values(np.concatenate([part["values"][name] for part in parts])) for name in (*predicted, *columns)}
    entry = np.concatenate([part["entry"] for part in parts])
    events = sum(part["events"] for part in parts)
    copies = len(sample) / max(events, 1)
    if (repeated := np.concatenate([part["repeated"] for part in parts])).any():
        sample, weight, entry = sample[~repeated], weight[~repeated], entry[~repeated]
        values = {name: Values(one.content[~repeated]) for name, one in values.items()}
    identity = pa.concat_tables([part["identity"] for part in parts]) if identified else None
    return Rows(samples, sample, weight, values, entry, share, copies, int(repeated.sum()), identity)


def _read(
    source: Source, predicted: Sequence[str], columns: Sequence[str], samples: Sequence[str], observed: str | None
) -> dict[str, Any]:
    """Return sample, weight, entry and values of the rows of some samples, which rows repeat an observed event, and the
    number of events.
    """
    path = source.predictions
    names = tables.open_parquet(path).schema_arrow.names
    identity, of_objects = [name for name in names if name.startswith(ID)], [name for name in names if name == "object"]
    of_group = [name for name in together(names) if name not in identity]
    table = tables.read(path, [*of_group, *identity, *of_objects, "sample", "entry", "weight", *predicted])
    coded = table["sample"].combine_chunks().dictionary_encode()
    known = {name: place for place, name in enumerate(samples)}
    places = np.array([known.get(name, -1) for name in coded.dictionary.to_pylist()], np.int32)
    sample = places[np.from_dlpack(coded.indices)]
    kept = sample >= 0
    values = {name: numbers(table[name]) for name in predicted} | _joined(source, columns, table.num_rows)
    events = table.select([*identity, "sample"]).filter(pa.array(kept))
    seen = sample == known.get(observed or "", -2)
    repeated = np.zeros(len(sample), dtype=bool)
    repeated[seen] = ~firsts(table.select([*identity, *of_objects]).filter(pa.array(seen)))
    return {
        "identity": table.select(together(names)).filter(pa.array(kept)),
        "repeated": repeated[kept],
        "sample": sample[kept],
        "weight": numbers(table["weight"])[kept],
        "entry": numbers(table["entry"])[kept],
        "values": {name: _wide(column)[kept] for name, column in values.items()},
        "events": events.group_by(events.column_names).aggregate([]).num_rows,
    }


def _joined(source: Source, columns: Sequence[str], rows: int) -> dict[str, NDArray[Any]]:
    """Return columns of the features at the rows of the predictions."""
    if not columns:
        return {}
    places, found = [], []
    for positions, table in join(source.predictions, source.features, columns):
        places.append(positions)
        found.append({name: _plain(name, table[name]) for name in columns})
    order = np.argsort(np.concatenate(places)) if places else np.zeros(0, np.int64)
    return {
        name: np.concatenate([part[name] for part in found])[order] if found else np.zeros(rows) for name in columns
    }


def _plain(name: str, column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_boolean(column.type):
        return np.asarray(column.to_numpy())
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise SnakerootError(f"templates: the column {name!r} is {column.type}, not a number: it has no place there")
    return numbers(column)


def _wide(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column in the types that expressions are computed in."""
    return column.astype({"f": np.float64, "i": np.int64}.get(column.dtype.kind, column.dtype))


def factor(where: str, text: str, rows: Rows, applied: NDArray[np.bool_]) -> Floats:
    """Return a factor on the weight of each row, (n,); 1 where it does not apply.

    Raises:
        SnakerootError: if it is not finite somewhere.
    """
    try:
        factors = evaluation.numbers(parse(text), rows.values, rows.entry)
    except SnakerootError as error:
        raise SnakerootError(f"{where}: {error}") from error
    bad = applied & ~np.isfinite(factors)
    if bad.any():
        raise SnakerootError(
            f"{where}: the factor {text!r} is not finite in {int(bad.sum())} events, the first of them "
            f"{rows.called(int(bad.argmax()))}"
        )
    return np.where(applied, factors, 1.0)


def check_complete(where: str, samples: list[str], varied: Mapping[str, Any], nominal: Mapping[str, Any]) -> None:
    """Check that the files of a variation have about as many entries as the nominal ones, whose cross-section it has.

    Raises:
        SnakerootError: if they have not, as the yields would be too low by the missing ones.
    """
    for name in samples:
        read, wanted = varied[name]["read"], nominal[name]["read"]
        if read < LACKING * wanted:
            raise SnakerootError(
                f"{where}: the files of {name!r} have {read:,} entries, and the nominal ones {wanted:,}: the variation "
                "lacks events; complete it, or say how many were 'generated' for it"
            )
