"""Random search: every round draws anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from snakeroot.tune.samplers import Options

if TYPE_CHECKING:
    from snakeroot.tune.study import Problem, Proposal


class Sampler(Options):
    """Points drawn at random."""

    name: Literal["random"] = "random"


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return random points; the seed is of the study and the round."""
    from optuna.samplers import RandomSampler

    from snakeroot.tune.study import ask, rebuilt

    del settings
    return ask(rebuilt(problem, RandomSampler(seed=problem.seed_of("random", problem.round))), problem)
