"""Samplers: one module each. A module has

* `Sampler`: its options, with its name.
* `check(settings, tuning)`, if not all searches go with it: yields every mistake, at the keys of the search.
* `trials(space)`, if it decides how many trials there are.
* `REPEATS = True`, if a point of its own that was tried before must stay.
* `STARTS = False`, if points of another search cannot come before its own.
* `propose(settings, problem)`: returns `problem.count` points of the space.

Nothing of a sampler is kept between rounds: each module says how its state follows from the finished trials. It is
imported to read the config, so it imports what is slow to import only inside its functions.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, SerializeAsAny

from snakeroot.errors import SnakerootError, hint
from snakeroot.registry import Registry
from snakeroot.settings import Settings

SAMPLERS = Registry(__name__, "sampler")


class Options(Settings):
    """What all samplers have."""

    name: str


def _named(value: Any) -> Any:
    if isinstance(value, Options):
        return value
    given = {"name": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise ValueError(f"write a name, or a mapping with one, as in {{name: gp}}. {hint('', SAMPLERS.names())}")
    try:
        module = SAMPLERS.load(given["name"])
    except SnakerootError as error:
        raise ValueError(str(error)) from error
    return module.Sampler.model_validate(given)


NamedSampler = Annotated[SerializeAsAny[Options], BeforeValidator(_named)]
"""A name alone, or a mapping of it and the options of that sampler."""
