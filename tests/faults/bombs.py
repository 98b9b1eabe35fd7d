"""Small files, and short configs, that would take any amount of memory: refused with the limit named.

Each is read in a process of its own, with the memory and the time that it takes.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faults._bombs import ABSURD, ANCHORS, VARIANTS, bombs
from faults._forked import forked
from faults._reading import everything
from faults._tally import Tally
from snakeroot.config.source import MOST_VALUES
from snakeroot.networks.inputs import Input
from snakeroot.networks.network import build
from snakeroot.networks.sizes import MOST_PARAMETERS
from tasks import edited, load

FULL = 3
SHORT = 1

CHUNK = 100_000
"""Entries that are read at once by default."""

MEGABYTES, SECONDS = 300, 5
"""The most memory and time that a refusal may take, beside what a job has when it begins, some 200 MB."""


def try_all(count: int, folder: Path) -> list[Tally]:
    """Read each file, and each config, so many times."""
    tally = Tally("a small ntuple that declares, or unpacks to, far more than it holds")
    for bomb in bombs(folder, 10**8 if count >= FULL else 10**7):
        for _ in range(count):
            read = functools.partial(everything, bomb.path, bomb.tree, entries=CHUNK)
            refused(tally, bomb.name, read, bomb.path, bomb.says)
        bomb.path.unlink()
    return [tally, *_configs(count, folder)]


def _configs(count: int, folder: Path) -> list[Tally]:
    """Load tasks with one absurd value each, and build networks that are too large by layers that are allowed."""
    tally = Tally("a config of absurd sizes, or of anchors that multiply")
    (folder / "data").mkdir()
    (folder / "data/a.root").touch()
    for key, value in ABSURD.items():
        at = key.rpartition(".")[0] if key.split(".")[-1] in VARIANTS else key
        for _ in range(count):
            refused(tally, key, lambda at=at, value=value: _load(folder, edited(at, value)), at.split(".")[-1])
    refused(tally, "anchors", lambda: _load(folder, ANCHORS), "with what its aliases stand for", MOST_VALUES)
    jobs = edited("split", {"folds": 100}, edited("models.mlp.replicas", 100))
    refused(tally, "folds and replicas", lambda: _load(folder, jobs), "are more than max_jobs, 20,000")
    inputs = [Input(name="x")]
    for hidden in ([65_536] * 3, {"layers": 1000, "units": 1000}):
        many = functools.partial(build, "mlp", {"hidden": hidden}, inputs, 1)
        refused(tally, f"hidden: {hidden}", many, f"{MOST_PARAMETERS:,} are the limit")
    return [tally]


def _load(folder: Path, text: str) -> None:
    os.chdir(folder)
    load(text)


def refused(tally: Tally, name: str, function: Callable[[], Any], *says: object) -> None:
    """Count a refusal that has these words, and that takes neither time nor memory."""
    with tally.attempt(name) as one:
        ended = forked(function, seconds=4 * SECONDS, megabytes=4000)
        assert not ended.broken, ended.broken
        one.refused(ended.refused, *says)
        assert ended.seconds < SECONDS, f"{ended.seconds:.1f} s"
        assert ended.megabytes < MEGABYTES, f"{ended.megabytes:.0f} MB"
