"""Bayesian optimisation: a Gaussian process and the logarithm of the expected improvement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.tune.samplers import Options, random

if TYPE_CHECKING:
    from snakeroot.tune.study import Problem, Proposal


class Sampler(Options):
    """A Gaussian process."""

    name: Literal["gp"] = "gp"
    startup_trials: int | None = Field(
        None, ge=1, description="random trials before a model is made of them; two rounds by default"
    )


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return points of the largest expected improvement; those of a round know of each other as if they were told.

    The process is fitted anew from the finished trials, so there is no state to keep; the seed is of the study and the
    round. As long as there are too few trials, the points are random, and torch, which takes longer, is not imported.
    """
    startup = settings.startup_trials or problem.two_rounds
    if len(problem.trials) < startup:
        return random.propose(random.Sampler(), problem)
    import torch
    from optuna.samplers import GPSampler

    from snakeroot.tune.study import ask, rebuilt

    torch.set_num_threads(1)
    sampler = GPSampler(seed=problem.seed_of("gp", problem.round), n_startup_trials=startup)
    return ask(rebuilt(problem, sampler), problem)
