"""Evolution: the covariance matrix adaptation of one generation after the other, of the package cmaes."""

from __future__ import annotations

import numpy as np
from cmaes import CMA
from optuna.samplers import RandomSampler

from snakeroot.tune.settings import DIRECTIONS
from snakeroot.tune.space import unit
from snakeroot.tune.study import Problem, Proposal, ask, rebuilt

WIDTH = 0.2
"""The first generation's standard deviation, in units of each range."""


def propose(problem: Problem) -> list[Proposal]:
    """Return the next points of the generation that is under way; choices, which it cannot search, are random.

    The state follows from the finished generations, told one by one to a new optimiser of constant seed: Optuna's own
    keeps a pickle between trials.
    """
    numbers = [key for key, parameter in problem.space.items() if parameter.choices is None]
    optimiser = CMA(
        mean=np.full(len(numbers), 0.5),
        sigma=WIDTH,
        bounds=np.tile([0.0, 1.0], (len(numbers), 1)),
        seed=problem.seed_of("cmaes") % 2**31,
        population_size=problem.population,
    )
    sign = 1 if DIRECTIONS[problem.objective[0]] == "minimize" else -1
    values = [sign * told[0] for told in problem.told]
    for first in range(0, len(values) - problem.population + 1, problem.population):
        generation = values[first : first + problem.population]
        optimiser.tell([(optimiser.ask(), value) for value in generation])
    under_way = len(values) % problem.population
    points = [optimiser.ask() for _ in range(under_way + problem.count)][under_way:]
    others = ask(rebuilt(problem, RandomSampler(seed=problem.seed_of("cmaes", problem.round))), problem)
    return [
        Proposal(
            {**other.point, **{k: unit(problem.space[k], float(u)) for k, u in zip(numbers, point, strict=True)}}, {}
        )
        for point, other in zip(points, others, strict=True)
    ]
