"""What a model has from others, and whether these have seen its test events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from snakeroot.card.tables import Table
from snakeroot.report.summaries import NONE, count

TEXT = (
    "Names are those of weights in the files. The scaling of inputs that both have is the ancestor's. Shared are "
    "distinct events of a test split, by event_id, that an ancestor has learned from, by training or by validation."
)


def ancestry_of(networks: Sequence[Mapping[str, Any]], audits: Sequence[Mapping[str, Any]]) -> Iterator[Table]:
    """Yield what the first network has taken from its ancestor, and what the audit says; nothing of one without."""
    rows = []
    if initial := networks[0].get("initial"):
        rows += [
            ["Begins with", ", ".join(dict.fromkeys(one["initial"]["name"] for one in networks))],
            ["Its weights", ", ".join(dict.fromkeys(one["initial"]["weights"] for one in networks))],
        ]
        named = {"Taken": "taken", "Frozen": "frozen", "New": "new", "Left": "left", "Scaled as there": "scaled"}
        rows += [[title, ", ".join(initial[key]) or NONE] for title, key in named.items()]
        rate = initial["learning_rate"]
        rows += [["Learning rate of what is taken", NONE if rate is None else f"{rate:g}"]]
    for fold in (fold for audit in audits for fold in audit["folds"]):
        rows += [_shared(fold, one) for one in fold["ancestors"]]
    if rows:
        yield Table("What it begins with", TEXT, rows=rows)


def _shared(fold: Mapping[str, Any], one: Mapping[str, Any]) -> list[str]:
    shared = "not known" if one["shared"] is None else count(one["shared"])
    return [f"Shared with {one['name']}", f"{shared} of {count(fold['tested'])} (fold {fold['fold']})"]
