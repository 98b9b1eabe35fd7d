"""What the samplers find, rebuilt for each round, beside a study of Optuna's that lives on and is asked for as many.

A bowl in three parameters (one logarithmic, one whole), 10 rounds of 4, medians over seeds of the best loss. The ratio
is theirs over ours, so 1 is as good.
"""

from __future__ import annotations

import statistics

from unit import test_tune_samplers as samplers

ROUNDS = 10
SEEDS = {"gp": 3}


def measure() -> dict[str, float]:
    """Return the best loss of each sampler, of both kinds, and their ratio."""
    found: dict[str, float] = {}
    for name in samplers.NAMES:
        seeds = range(SEEDS.get(name, 25))
        ours = statistics.median(samplers.best(samplers.search(name, seed, ROUNDS)) for seed in seeds)
        theirs = statistics.median(samplers.in_process(name, seed, ROUNDS) for seed in seeds)
        found |= {f"{name} rebuilt": ours, f"{name} living": theirs, f"{name} ratio": theirs / ours}
    return found
