"""From the branches of a chunk to rows of features: the pure core of the stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import awkward as ak
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from snakeroot.errors import SnakerootError
from snakeroot.expressions.evaluation import conditions, numbers
from snakeroot.expressions.language import Expression, conjuncts, parse
from snakeroot.features.cut_flow import READ, WRITTEN, CutFlow
from snakeroot.features.settings import FeaturesSettings
from snakeroot.settings import ID

Chunk = Mapping[str, ak.Array]
"""Branches by name, all of one length."""


@dataclass(frozen=True)
class Plan:
    """The settings with their expressions parsed, once for all chunks."""

    settings: FeaturesSettings
    cuts: list[Expression]
    features: dict[str, Expression]
    weight: Expression | None
    target: Expression | None

    @classmethod
    def of(cls, settings: FeaturesSettings) -> Plan:
        cuts = conjuncts(parse(settings.selection)) if settings.selection else []
        return cls(
            settings,
            list({cut.text: cut for cut in cuts}.values()),
            {name: parse(text) for name, text in settings.features.items()},
            parse(settings.weight) if settings.weight else None,
            parse(settings.target) if isinstance(settings.target, str) else None,
        )

    @property
    def branches(self) -> list[str]:
        """All branches that are read, sorted."""
        further = [one for one in (self.weight, self.target) if one]
        expressions = [*self.cuts, *self.features.values(), *further]
        named = [*self.settings.event_id, *self.settings.spectators]
        return sorted({*named, *(branch for expression in expressions for branch in expression.branches)})


def extract(chunk: Chunk, start: int, plan: Plan, flow: CutFlow) -> pa.Table:
    """Return the rows of one chunk that survive, and count all of its entries in `flow`.

    Args:
        chunk: the branches of `plan`.
        start: number of the chunk's first entry in the file.

    Raises:
        SnakerootError: naming the expression, the feature or the branch.
    """
    settings = plan.settings
    entries = len(chunk[settings.event_id[0]])
    entry = np.arange(start, start + entries, dtype=np.int64)
    weight = numbers(plan.weight, chunk, entries) if plan.weight else np.ones(entries)
    flow.count(READ, weight)

    for cut in plan.cuts:
        chunk, entry, weight = _keep(conditions(cut, chunk, len(entry)), chunk, entry, weight)
        flow.count(f"({cut.text})", weight)

    # float32 is what a network takes: what overflows it is not finite
    with np.errstate(over="ignore"):
        wanted = plan.features | ({"target": plan.target} if plan.target else {})
        features = {k: numbers(e, chunk, len(entry)).astype(np.float32) for k, e in wanted.items()}
    finite = _finite({**features, "weight": weight}, settings, entry, flow)
    chunk, entry, weight = _keep(finite, chunk, entry, weight)
    features = {name: values[finite] for name, values in features.items()}
    flow.count("finite", weight)

    weight, kept = _apply_policy(weight, settings, flow)
    chunk, entry, weight = _keep(kept, chunk, entry, weight)
    features = {name: values[kept] for name, values in features.items()}
    flow.count(WRITTEN, weight)

    columns = {ID + name: _identity(name, chunk[name], entry) for name in settings.event_id}
    columns["sample"] = _constant(settings.sample, len(entry))
    columns["part"] = _constant(settings.part, len(entry))
    columns["entry"] = pa.array(entry)
    if not plan.target:
        columns["target"] = pa.array([settings.target], pa.int8()).take(pa.array(np.zeros(len(entry), np.int8)))
    columns["weight"] = pa.array(weight)
    columns |= {name: pa.array(values) for name, values in features.items()}
    columns |= {name: _per_entry("spectator", name, chunk[name]) for name in settings.spectators}
    return pa.table(columns)


def _keep(
    mask: NDArray[np.bool_], chunk: Chunk, entry: NDArray[np.int64], weight: NDArray[np.float64]
) -> tuple[Chunk, NDArray[np.int64], NDArray[np.float64]]:
    return {name: values[mask] for name, values in chunk.items()}, entry[mask], weight[mask]


def _finite(
    columns: Mapping[str, NDArray[np.floating]], settings: FeaturesSettings, entry: NDArray[np.int64], flow: CutFlow
) -> NDArray[np.bool_]:
    """Return which rows are finite throughout; count the others by column, or refuse them by policy."""
    finite = np.ones(len(entry), dtype=bool)
    for name, values in columns.items():
        bad = ~np.isfinite(values)
        if bad.any():
            flow.non_finite[name] += int(bad.sum())
            finite &= ~bad
            if settings.non_finite == "error":
                text = settings.features.get(name) or getattr(settings, name)
                what = f"the feature {name!r}" if name in settings.features else f"the {name}"
                raise SnakerootError(
                    f"{what} ({text}) is NaN or infinite in {int(bad.sum())} selected entries, the first of them entry "
                    f"{entry[bad.argmax()]}: select them away, mend the expression (is -999 passed to a log?), or say "
                    "'non_finite: drop' to count and drop them"
                )
    return finite


def _apply_policy(
    weight: NDArray[np.float64], settings: FeaturesSettings, flow: CutFlow
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the weights after the policy on negative ones, and which rows are kept."""
    negative = weight < 0
    flow.negative_weights += int(negative.sum())
    if settings.negative_weights == "error" and negative.any():
        raise SnakerootError(
            f"the weight ({settings.weight}) is negative in {int(negative.sum())} selected entries: say "
            "'negative_weights: keep', 'absolute' or 'drop' if that is meant"
        )
    if settings.negative_weights == "absolute":
        return np.abs(weight), np.ones(len(weight), dtype=bool)
    return weight, ~negative if settings.negative_weights == "drop" else np.ones(len(weight), dtype=bool)


def _identity(name: str, values: ak.Array, entry: NDArray[np.int64]) -> pa.Array:
    column = _per_entry("event_id", name, values)
    if pa.types.is_floating(column.type):
        bad = ~np.isfinite(column.to_numpy())
        if bad.any():
            raise SnakerootError(
                f"the event_id branch {name!r} is NaN or infinite in {int(bad.sum())} entries, the first of them entry "
                f"{entry[bad.argmax()]}: such entries have no identity; select them away or take another branch"
            )
    return column


def _per_entry(role: str, name: str, values: ak.Array) -> pa.Array:
    """A branch as it is, but numbers widened to 64 bits: a skim that stores them otherwise changes nothing.

    Whole numbers become int64, those of 2^63 and more by their bits.
    """
    if values.layout.parameter("__array__") in ("string", "bytestring"):
        return ak.to_arrow(values, extensionarray=False).cast(pa.string())
    if values.ndim > 1:
        raise SnakerootError(f"the {role} branch {name!r} holds a list per entry where one value is expected")
    plain = ak.to_numpy(values, allow_missing=False)
    wide = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    if plain.dtype.kind not in wide:
        raise SnakerootError(f"the branch {name!r} holds neither numbers nor text ({plain.dtype})")
    return pa.array(plain.astype(wide[plain.dtype.kind]))


def _constant(text: str, rows: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))
