"""Random search: every round draws anew."""

from __future__ import annotations

from optuna.samplers import RandomSampler

from snakeroot.tune.study import Problem, Proposal, ask, rebuilt


def propose(problem: Problem) -> list[Proposal]:
    """Return random points; the seed is of the study and the round."""
    return ask(rebuilt(problem, RandomSampler(seed=problem.seed_of("random", problem.round))), problem)
