"""`python -m snakeroot.card`: one page on a model."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import numpy as np

from snakeroot.card import scores, tables
from snakeroot.card.ancestry import ancestry_of
from snakeroot.card.settings import CardSettings
from snakeroot.card.text import markdown
from snakeroot.data.files import atomic, read_json, write_json
from snakeroot.data.tables import read_all
from snakeroot.jobs.command import main

QUANTILES = (0.0, 0.005, 0.5, 0.995, 1.0)


def card(
    settings: CardSettings,
    metadata: Annotated[list[Path], "JSON files of the model's networks"],
    metrics: Annotated[Path, "the task's metrics (JSON)"],
    audit: Annotated[Path, "the audit of the split (JSON)"],
    ancestry: Annotated[list[Path], "which of its test events have trained what it begins with (JSON); or none"],
    normalisation: Annotated[Path, "factors from weights to yields (JSON)"],
    train: Annotated[list[Path], "Parquet files of the first fold's train split"],
    facts: Annotated[Path, "what is on the card, to be written (JSON)"],
    page: Annotated[Path, "the card, to be written (Markdown)"],
) -> None:
    """Write what a model is, what it was made from, how good it is, where it ends, and how to apply it."""
    networks = [read_json(path) for path in metadata]
    shared = [read_json(path) for path in ancestry]
    model, measured = settings.description.model, read_json(metrics)
    known = [
        tables.network(settings, networks),
        tables.samples(settings, read_json(normalisation)),
        tables.splits(settings, read_json(audit)),
        *ancestry_of(networks, shared),
        *tables.performances(measured, model),
        *scores.tables(measured["models"][model]),
    ]
    known += [tables.ranges(settings, quantiles(settings, train)), tables.origin(settings, networks)]
    title = f"{model}, a model of {settings.description.task}"
    command = shlex.join(["snakeroot", "apply", *settings.exported, *settings.scored, "scores.root"])
    with atomic(facts, page) as [facts_part, page_part]:
        write_json(
            {"title": title, "tables": [one.record() for one in known], "command": command, "ancestry": shared},
            facts_part,
        )
        page_part.write_text(markdown(title, known, command), encoding="utf-8")


def quantiles(settings: CardSettings, train: list[Path]) -> dict[str, list[float]]:
    """Return where the numbers among the inputs lie; those that are missing are left out."""
    scalars = [one.name for one in settings.description.inputs if one.kind == "scalar"]
    found = {}
    for name in scalars:  # one after the other: there may be many rows
        values = read_all(train, [name])[name].to_numpy()
        values = values[~np.isnan(values)]
        found[name] = np.quantile(values, QUANTILES).tolist() if len(values) else [np.nan] * len(QUANTILES)
    return found


if __name__ == "__main__":
    main(card)
