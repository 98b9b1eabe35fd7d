"""The best points of a finished search, as the first ones of another space."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from snakeroot.train.point import Scalar
from snakeroot.tune.allocation import Origin
from snakeroot.tune.ranking import complete, ranked
from snakeroot.tune.results import judged
from snakeroot.tune.space import Parameter
from snakeroot.tune.study import Proposal


def transferred(
    space: Mapping[str, Parameter], origin: Origin, trials: Iterable[Mapping[str, Any]]
) -> list[dict[str, Scalar]]:
    """Return what of a search's best points another space can have, the best first, each once.

    They are the best by that search's own objective, among the trials that were trained to their end. A value is taken
    where this space has the setting and the value, and where it counted there: one that did not count was drawn at
    random, and says nothing. A point of which nothing is left is left out, so there may be fewer than wanted.
    """
    points: list[dict[str, Scalar]] = []
    for trial in ranked(complete(judged(trials, [origin.objective])), origin.objective):
        known = trial["active"]
        point = {key: known[key] for key, parameter in space.items() if key in known and _has(parameter, known[key])}
        if point and point not in points:
            points.append(point)
            logging.info("from trial %d of %s: %s", trial["number"], origin.name, point)
        if len(points) == origin.trials:
            break
    if len(points) < origin.trials:
        logging.warning("%s has %d of %d points that this space can have", origin.name, len(points), origin.trials)
    return points


def begun(proposals: Sequence[Proposal], points: Sequence[Mapping[str, Scalar]], first: int) -> list[Proposal]:
    """Return a round's proposals, whose first trial is number `first`, with the points put into those of their number.

    Settings that a point does not have are the sampler's.
    """
    later = points[first:]
    own = [
        Proposal({**proposal.point, **point}, proposal.attributes)
        for proposal, point in zip(proposals, later, strict=False)
    ]
    return [*own, *proposals[len(own) :]]


def _has(parameter: Parameter, value: Scalar) -> bool:
    """Whether a space has a value, of its own type: to Python 1 is True, and 1.0 is 1."""
    if parameter.choices is not None:
        return any(type(one) is type(value) and one == value for one in parameter.choices)
    if isinstance(value, bool):
        return False
    return parameter.has(value)
