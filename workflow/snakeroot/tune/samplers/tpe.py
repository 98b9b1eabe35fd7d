"""Bayesian optimisation: tree-structured Parzen estimators of good and of bad points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.tune.samplers import Options

if TYPE_CHECKING:
    from snakeroot.tune.study import Problem, Proposal


class Sampler(Options):
    """Estimators of the densities of good and of bad points."""

    name: Literal["tpe"] = "tpe"
    startup_trials: int | None = Field(
        None, ge=1, description="random trials before a model is made of them; two rounds by default"
    )


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return points likely to be good; those of a round count as bad for each other (constant liar).

    The estimators follow from the finished trials, so there is no state to keep; the seed is of study and round.
    """
    from optuna.samplers import TPESampler

    from snakeroot.tune.study import ask, rebuilt

    sampler = TPESampler(
        seed=problem.seed_of("tpe", problem.round),
        n_startup_trials=settings.startup_trials or problem.two_rounds,
        multivariate=True,
        constant_liar=True,
    )
    return ask(rebuilt(problem, sampler), problem)
