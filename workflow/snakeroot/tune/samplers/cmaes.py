"""Evolution: the covariance matrix adaptation of one generation after the other, of the package cmaes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.settings import Mistake
from snakeroot.tune.samplers import Options
from snakeroot.tune.space import unit

if TYPE_CHECKING:
    from snakeroot.tune.settings import Tuning
    from snakeroot.tune.study import Problem, Proposal

WIDTH = 0.2
"""The first generation's standard deviation, in units of each range."""

REPEATS = True
STARTS = False
"""A generation is told by the points that the optimiser has drawn itself."""


class Sampler(Options):
    """A normal distribution that each generation of trials adapts; for one objective."""

    name: Literal["cmaes"] = "cmaes"
    population: int | None = Field(
        None, ge=2, description="trials of a generation, in whole rounds; two rounds of them by default"
    )


def check(settings: Sampler, tuning: Tuning) -> Iterator[Mistake]:
    """Find what it cannot search, or not in this way."""
    if settings.population is not None and settings.population % tuning.trials_per_round:
        yield Mistake(("sampler", "population"), "cmaes has whole rounds: a multiple of trials_per_round")
    if not any(parameter.choices is None for parameter in tuning.space.values()):
        yield Mistake(("space",), "cmaes searches numbers, and the space has choices only")
    if tuning.schedule == "sliding":
        yield Mistake(("schedule",), "cmaes learns from whole generations: it has no sliding schedule")
    if len(tuning.objective) > 1:
        yield Mistake(("objective",), "cmaes has one objective; nsga2 is made for several")


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return the next points of the generation that is under way; choices, which it cannot search, are random.

    The state follows from the finished generations, told one by one to a new optimiser of constant seed: Optuna's own
    keeps a pickle between trials.
    """
    import numpy as np
    from cmaes import CMA
    from optuna.samplers import RandomSampler

    from snakeroot.tune.settings import direction
    from snakeroot.tune.study import Proposal, ask, rebuilt

    population = settings.population or problem.two_rounds
    numbers = [key for key, parameter in problem.space.items() if parameter.choices is None]
    optimiser = CMA(
        mean=np.full(len(numbers), 0.5),
        sigma=WIDTH,
        bounds=np.tile([0.0, 1.0], (len(numbers), 1)),
        seed=problem.seed_of("cmaes") % 2**31,
        population_size=population,
    )
    sign = 1 if direction(problem.objective[0]) == "minimize" else -1
    values = [sign * told[0] for told in problem.told]
    for first in range(0, len(values) - population + 1, population):
        generation = values[first : first + population]
        optimiser.tell([(optimiser.ask(), value) for value in generation])
    under_way = len(values) % population
    points = [optimiser.ask() for _ in range(under_way + problem.count)][under_way:]
    others = ask(rebuilt(problem, RandomSampler(seed=problem.seed_of("cmaes", problem.round))), problem)
    return [
        Proposal(
            {**other.point, **{k: unit(problem.space[k], float(u)) for k, u in zip(numbers, point, strict=True)}}, {}
        )
        for point, other in zip(points, others, strict=True)
    ]
