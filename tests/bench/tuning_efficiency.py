"""What the samplers find, rebuilt for each round, beside a study of Optuna's that lives on and is asked for as many.

A bowl in three parameters (one logarithmic, one whole), 10 rounds of 4, medians over seeds of the best loss. The ratio
is theirs over ours, so 1 is as good.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

from unit import test_tune_samplers as samplers


class Size(NamedTuple):
    """How much is measured: seeds of each sampler, of gp fewer."""

    rounds: int
    seeds: int
    seeds_gp: int


FULL = Size(rounds=10, seeds=25, seeds_gp=3)
SHORT = Size(rounds=2, seeds=1, seeds_gp=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return the best loss of each sampler, of both kinds, and their ratio."""
    found: dict[str, float] = {}
    for name in samplers.NAMES:
        seeds = range(size.seeds_gp if name == "gp" else size.seeds)
        ours = statistics.median(samplers.best(samplers.search(name, seed, size.rounds)) for seed in seeds)
        theirs = statistics.median(samplers.in_process(name, seed, size.rounds) for seed in seeds)
        found |= {f"{name} rebuilt": ours, f"{name} living": theirs, f"{name} ratio": theirs / ours}
    return found
