"""A quasi-Monte-Carlo sequence: Sobol's points, scrambled, which fill the space more evenly than random ones."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from snakeroot.tune.samplers import Options

if TYPE_CHECKING:
    from snakeroot.train.point import Scalar
    from snakeroot.tune.study import Problem, Proposal


class Sampler(Options):
    """Sobol's sequence."""

    name: Literal["qmc"] = "qmc"


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return the next points of the sequence: with a constant seed, and what came before drawn again and left aside.

    Optuna's sampler learns the space from a trial that is there already, so there is a first one of no meaning.
    """
    import optuna
    from optuna.samplers import QMCSampler

    from snakeroot.tune.study import ask, rebuilt

    del settings
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    sampler = QMCSampler(scramble=True, seed=problem.seed_of("qmc"), warn_independent_sampling=False)
    middle = {"point": _first(problem), "attributes": {}, "state": "fail"}
    study = rebuilt(replace(problem, trials=[middle], pending=[]), sampler)
    ask(study, replace(problem, count=problem.first))
    return ask(study, problem)


def _first(problem: Problem) -> dict[str, Scalar]:
    return {key: parameter.examples[0] for key, parameter in problem.space.items()}
