"""All models of a task side by side: one row each, with what the test split gave, to be sorted by any of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from snakeroot.evaluate.reported import REPORTED
from snakeroot.report.performance import measured, row, single
from snakeroot.report.summaries import NONE, number

SIZES = {"parameters": "Parameters", "networks": "Networks", "epochs": "Epochs", "best_epoch": "Best epoch"}


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        text: without its interval.
        interval: in brackets; empty without one.
        value: by which it is sorted; None is the last.
    """

    text: str
    interval: str = ""
    value: float | None = None

    @classmethod
    def of(cls, text: str, value: float | None) -> Cell:
        """Return a cell of "value [low, high]"."""
        shown, bracket, ends = text.partition(" [")
        return cls(shown, f"[{ends}" if bracket else "", value)

    @property
    def key(self) -> str:
        """The value as JavaScript reads it."""
        if self.value is None:
            return ""
        return repr(float(self.value)) if math.isfinite(self.value) else "Infinity"


@dataclass(frozen=True)
class Compared:
    """The table: titles of its columns, and the cells of each model."""

    columns: list[str]
    rows: dict[str, list[Cell]]


def compared(metrics: Mapping[str, Any]) -> Compared:
    """Return the models of a task, their ensembles and the reference, as metrics.json has them."""
    known = REPORTED.load(metrics["kind"]).METRICS
    texts = {name: row(of_model["test"], known) for name, of_model in measured(metrics)}
    values = {name: single(of_model["test"], known) for name, of_model in measured(metrics)}
    columns = list(dict.fromkeys(title for of_model in texts.values() for title in of_model))
    rows = {}
    for name, of_titles in texts.items():
        cells = [Cell.of(of_titles.get(title, NONE), values[name].get(title)) for title in columns]
        facts = metrics["models"].get(name, {})
        rows[name] = cells + [Cell(number(facts.get(key)), value=facts.get(key)) for key in SIZES]
    return Compared([*columns, *SIZES.values()], rows)
