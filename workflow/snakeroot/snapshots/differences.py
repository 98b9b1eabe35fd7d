"""What differs between two runs: metrics, with the significance of their difference, events, config and origin."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from snakeroot.evaluate.reported import REPORTED
from snakeroot.evaluate.reported._metric import Metric
from snakeroot.report.comparison import Cell, Compared
from snakeroot.report.performance import cell, measured
from snakeroot.report.summaries import NONE, count, number

SIGNIFICANT = 2.0
"""Errors from which on a difference is called one."""


@dataclass(frozen=True)
class Values:
    """A metric of a model on the test split.

    Attributes:
        text: with its interval.
        value: None if it has none, or is infinite.
        error: half of the 68 % interval and, of several replicas, the error of their mean, added in quadrature; None
            where there is no interval, or one without an end.
    """

    text: str
    value: float | None
    error: float | None


def metrics(before: Mapping[str, Any], after: Mapping[str, Any], folds: tuple[int, int]) -> Compared:
    """Return one row for each model and metric that both runs have on the test split: both values, their difference,
    and that in errors.

    The errors of the two are added in quadrature, as if they were independent. Where both were tested on the same
    events, what an event does to both leaves the difference, so its real error is smaller.

    Args:
        folds: of the two.
    """
    columns = ["Before", "After", "Difference", "In errors", "Verdict"]
    if before["kind"] != after["kind"]:
        return Compared(columns, {})
    known = REPORTED.load(after["kind"]).METRICS
    models = dict(measured(before))
    rows = {}
    for name, of_model in measured(after):
        if name not in models:
            continue
        pair = (models[name], of_model)
        sizes = tuple(_replicas(one, name, many) for one, many in zip((before, after), folds, strict=True))
        for key, metric in known.items():
            for label, old, new in _each(pair, key, metric, sizes):
                rows[f"{name}, {label}"] = _cells(old, new, metric)
    return Compared(columns, rows)


def _replicas(of: Mapping[str, Any], name: str, folds: int) -> float:
    networks: int = of["models"].get(name, {}).get("networks", folds)
    return max(1.0, networks / folds)


def _each(
    pair: tuple[Any, Any], key: str, metric: Metric, replicas: tuple[float, ...]
) -> Iterator[tuple[str, Values, Values]]:
    """Yield label and both values of a metric, of each class if it has one for each."""
    old, new = (one["test"] for one in pair)
    if not metric.title or key not in old or key not in new:
        return
    if not isinstance(new[key], Mapping):
        yield metric.title, _values(old, key, metric, replicas[0]), _values(new, key, metric, replicas[1])
        return
    for name in [name for name in new[key] if name in old[key]]:
        first, second = ({end: one[end][name] for end in _ends(key) if one.get(end)} for one in (old, new))
        label = metric.title.format(name)
        yield label, _values(first, key, metric, replicas[0]), _values(second, key, metric, replicas[1])


def _ends(key: str) -> tuple[str, ...]:
    return key, f"{key}_low", f"{key}_high", f"{key}_spread"


def _values(values: Mapping[str, Any], key: str, metric: Metric, replicas: float) -> Values:
    value, low, high, spread = (values.get(end) for end in _ends(key))
    if value is None or low is None or high is None:
        return Values(cell(values, key, metric), value, None)
    error = math.hypot((high - low) / 2, (spread or 0.0) / math.sqrt(replicas))
    return Values(cell(values, key, metric), value, error)


def _cells(old: Values, new: Values, metric: Metric) -> list[Cell]:
    both = [Cell.of(one.text, one.value) for one in (old, new)]
    if old.value is None or new.value is None:
        same = old.text == new.text
        return [*both, Cell(NONE), Cell(NONE), Cell("the same" if same else "not comparable")]
    difference = new.value - old.value
    shown = Cell(f"{difference:+{metric.style}}", value=difference)
    if not difference:
        return [*both, shown, Cell(NONE), Cell("the same")]
    if old.error is None or new.error is None or not (error := math.hypot(old.error, new.error)):
        return [*both, shown, Cell(NONE), Cell("without an interval")]
    ratio = difference / error
    verdict = "significant" if abs(ratio) >= SIGNIFICANT else "within errors"
    return [*both, shown, Cell(f"{ratio:+.1f}", value=ratio), Cell(verdict)]


def events(before: Mapping[str, Any], after: Mapping[str, Any]) -> Compared:
    """Return one row per sample: rows that were selected, and the yield that they stand for."""
    columns = ["Selected before", "After", "Expected before", "After"]
    rows = {}
    for name in sorted({*before["samples"], *after["samples"]}):
        pair = [one["samples"].get(name) for one in (before, after)]
        selected = [facts and facts["written"] for facts in pair]
        expected = [facts and facts["weight"] * facts["factor"] for facts in pair]
        cells = [Cell(count(one), value=one) for one in selected]
        rows[name] = cells + [Cell(number(one), value=one) for one in expected]
    return Compared(columns, rows)


def tested_alike(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether the test splits have the same rows, by two audits: as many, of the same weight."""
    old, new = ([fold["test"] for fold in one["folds"]] for one in (before, after))
    return bool(old == new)


def texts(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Return how each file of the config changed: lines with "added", "removed" or "" for what they are."""
    found = {}
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2))[2:]
        found[name] = [({"+": "added", "-": "removed"}.get(line[:1], ""), line) for line in lines]
    return found


def facts(before: Mapping[str, str], after: Mapping[str, str]) -> Compared:
    """Return what made the two, as far as it differs."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return Compared(
        ["Before", "After"], {name: [Cell(one.get(name, NONE)) for one in (before, after)] for name in names}
    )
