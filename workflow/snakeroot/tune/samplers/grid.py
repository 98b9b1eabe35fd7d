"""Grid search: every point once, in an order that a constant seed shuffles."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from snakeroot.settings import Mistake
from snakeroot.tune.samplers import Options
from snakeroot.tune.space import Parameter, grid, grid_size

if TYPE_CHECKING:
    from snakeroot.tune.settings import Tuning
    from snakeroot.tune.study import Problem, Proposal

LARGEST = 100_000
"""Points of a grid: all are made to be counted, as some settings may switch others off."""


STARTS = False


class Sampler(Options):
    """All points, once."""

    name: Literal["grid"] = "grid"


def check(settings: Sampler, tuning: Tuning) -> Iterator[Mistake]:
    """Find that there are too many points, or rounds where the grid has its own."""
    del settings
    if (count := grid_size(tuning.space)) > LARGEST:
        text = f"a grid of up to {count:.3g} points, {LARGEST} at most: fewer 'points' or larger steps, or "
        yield Mistake(("space",), f"{text}another sampler, whose trials are counted by 'rounds'")
    elif tuning.rounds is not None:
        text = f"remove 'rounds': the grid has {len(grid(tuning.space))} points, and all are tried"
        yield Mistake(("rounds",), text)


def trials(space: Mapping[str, Parameter]) -> int:
    """Return how many points there are."""
    return len(grid(space))


def propose(settings: Sampler, problem: Problem) -> list[Proposal]:
    """Return the next points of the grid.

    Ours and not Optuna's, whose grid has a point of a conditional space as often as there are values that do not count.
    Shuffled, so that a search that is stopped early has seen all of the space.
    """
    from snakeroot.tune.study import Proposal

    del settings
    points = grid(problem.space)
    random.Random(problem.seed_of("grid")).shuffle(points)  # noqa: S311 - not for secrets
    return [Proposal(point, {}) for point in points[problem.first : problem.first + problem.count]]
