"""A point of a search, and a model's settings at it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

Scalar = bool | int | float | str
Point = Mapping[str, Scalar]
"""A value for each parameter of a space, by its key."""


def applied(model: Mapping[str, Any], point: Point) -> dict[str, Any]:
    """Return a model's settings with those of the point put in; "training.learning_rate" is a key within a key.

    A `name` that changes makes the mapping that it is in anew, as the options of another schedule would not fit it.
    """
    changed = copy.deepcopy(dict(model))
    for key, value in sorted(point.items(), key=lambda item: not item[0].endswith(".name")):
        *above, last = key.split(".")
        place = changed
        for name in above:
            if not isinstance(place.get(name), dict):  # a name alone stands for a mapping with it
                place[name] = {"name": place[name]} if isinstance(place.get(name), str) else {}
            place = place[name]
        if last == "name" and place.get("name") != value:
            place.clear()
        place[last] = value
    return changed
