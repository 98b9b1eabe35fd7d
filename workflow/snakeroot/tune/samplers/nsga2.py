"""Evolution: NSGA-II, for one objective or several."""

from __future__ import annotations

from optuna.samplers import NSGAIISampler

from snakeroot.tune.study import Problem, Proposal, ask, rebuilt


def propose(problem: Problem) -> list[Proposal]:
    """Return children of the best of the last whole generation; its generation is an attribute of each trial.

    The parents of a generation follow from the trials of the one before. The seed is of the study and the round.
    """
    sampler = NSGAIISampler(seed=problem.seed_of("nsga2", problem.round), population_size=problem.population)
    return ask(rebuilt(problem, sampler), problem)
