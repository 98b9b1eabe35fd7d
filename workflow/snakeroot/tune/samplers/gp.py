"""Bayesian optimisation: a Gaussian process and the logarithm of the expected improvement."""

from __future__ import annotations

from snakeroot.tune.samplers import random
from snakeroot.tune.study import Problem, Proposal, ask, rebuilt


def propose(problem: Problem) -> list[Proposal]:
    """Return points of the largest expected improvement; those of a round know of each other as if they were told.

    The process is fitted anew from the finished trials, so there is no state to keep; the seed is of the study and the
    round. As long as there are too few trials, the points are random, and torch, which takes longer, is not imported.
    """
    if len(problem.trials) < problem.startup:
        return random.propose(problem)
    import torch  # noqa: PLC0415
    from optuna.samplers import GPSampler  # noqa: PLC0415

    torch.set_num_threads(1)
    sampler = GPSampler(seed=problem.seed_of("gp", problem.round), n_startup_trials=problem.startup)
    return ask(rebuilt(problem, sampler), problem)
