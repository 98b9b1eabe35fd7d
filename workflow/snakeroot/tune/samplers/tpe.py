"""Bayesian optimisation: tree-structured Parzen estimators of good and of bad points."""

from __future__ import annotations

from optuna.samplers import TPESampler

from snakeroot.tune.study import Problem, Proposal, ask, rebuilt


def propose(problem: Problem) -> list[Proposal]:
    """Return points likely to be good; those of a round count as bad for each other (constant liar).

    The estimators follow from the finished trials, so there is no state to keep; the seed is of study and round.
    """
    sampler = TPESampler(
        seed=problem.seed_of("tpe", problem.round),
        n_startup_trials=problem.startup,
        multivariate=True,
        constant_liar=True,
    )
    return ask(rebuilt(problem, sampler), problem)
