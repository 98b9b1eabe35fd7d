"""Evolution: NSGA-II, for one objective or several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from snakeroot.tune.samplers import Options

if TYPE_CHECKING:
    from snakeroot.tune.study import Problem, Proposal


class Sampler(Options):
    """Non-dominated sorting, for one objective or several."""

    name: Literal["nsga2"] = "nsga2"
    population: int | None = Field(None, ge=2, description="trials of a generation; two rounds of them by default")


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return children of the best of the last whole generation; its generation is an attribute of each trial.

    The parents of a generation follow from the trials of the one before. The seed is of the study and the round.
    """
    from optuna.samplers import NSGAIISampler

    from snakeroot.tune.study import ask, rebuilt

    population = settings.population or problem.two_rounds
    sampler = NSGAIISampler(seed=problem.seed_of("nsga2", problem.round), population_size=population)
    return ask(rebuilt(problem, sampler), problem)
