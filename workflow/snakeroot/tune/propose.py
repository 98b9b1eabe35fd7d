"""`python -m snakeroot.tune.propose`: the points of one round, from the results of rounds before it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from snakeroot.data.files import read_json, to_json, write_json
from snakeroot.jobs.command import main
from snakeroot.train.point import Scalar
from snakeroot.tune.results import judged
from snakeroot.tune.samplers import SAMPLERS
from snakeroot.tune.settings import ProposeSettings
from snakeroot.tune.space import Parameter, active, unit
from snakeroot.tune.study import Problem, Proposal
from snakeroot.tune.transfer import begun, transferred

DRAWS = 1000
"""Random points to look at for one that is new, in place of one that is not."""


def propose(
    settings: ProposeSettings,
    history: Annotated[list[Path], "the finished trials that are known (JSON); none for the first round"],
    start: Annotated[list[Path], "all trials of the search whose best points come first (JSON); or none"],
    pending: Annotated[list[Path], "proposals of trials that may be under way (JSON)"],
    proposals: Annotated[Path, "JSON file to write: a point for each trial of the round"],
) -> None:
    """Choose the points of a round: a function of the settings and of the results of the rounds before it, alone."""
    trials = judged((trial for path in history for trial in read_json(path)["trials"]), settings.objective)
    problem = Problem(
        space=settings.space,
        objective=settings.objective,
        trials=trials,
        pending=[proposal for path in pending for proposal in read_json(path)["proposals"]],
        count=settings.count,
        round=settings.round,
        two_rounds=2 * settings.trials_per_round,
        seed=settings.seed,
    )
    module = SAMPLERS.load(settings.sampler.name)
    proposed = module.propose(settings.sampler, problem)
    if settings.start:
        others = (trial for path in start for trial in read_json(path)["trials"])
        proposed = begun(proposed, transferred(settings.space, settings.start, others), problem.first)
    fresh = proposed if getattr(module, "REPEATS", False) else without_repeats(proposed, problem)
    points = [{"point": proposal.point, "attributes": proposal.attributes} for proposal in fresh]
    write_json({"round": settings.round, "first": problem.first, "proposals": points}, proposals)


def without_repeats(proposals: list[Proposal], problem: Problem) -> list[Proposal]:
    """Return the proposals, a random new point in place of each that was tried before, or is proposed twice.

    A training is repeatable, so the same point would only give the same result, or fail again. Where there is hardly
    any point left that is new, a repeat stays.
    """
    source = random.Random(problem.seed_of("repeats", problem.round))  # noqa: S311 - not for secrets
    seen = {_name(problem.space, trial["point"]) for trial in (*problem.trials, *problem.pending)}
    fresh = []
    for proposal in proposals:
        point = proposal.point
        draws = 0
        while _name(problem.space, point) in seen and draws < DRAWS:
            point = {key: _draw(parameter, source) for key, parameter in problem.space.items()}
            draws += 1
        seen.add(_name(problem.space, point))
        fresh.append(Proposal(point, proposal.attributes))
    return fresh


def _name(space: Mapping[str, Parameter], point: Mapping[str, Scalar]) -> str:
    return to_json(active(space, point))


def _draw(parameter: Parameter, source: random.Random) -> Scalar:
    if parameter.choices is not None:
        return source.choice(parameter.choices)
    return unit(parameter, source.random())


if __name__ == "__main__":
    main(propose)
