"""The space of a search: whether the model takes all that a search may propose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from snakeroot.settings import Mistake
from snakeroot.train.point import Scalar, applied
from snakeroot.tune.settings import Tuning
from snakeroot.tune.space import Parameter, probes

Refused = Callable[[dict[str, Any]], list[Mistake]]
"""What is wrong in the settings of a model."""


def beyond(tuning: Tuning, values: Mapping[str, Any], refused: Refused) -> Iterator[Mistake]:
    """Find values of a parameter that the model refuses, whatever the other parameters are.

    Args:
        tuning: the search.
        values: what the user wrote for the model.
        refused: what the model says of settings.
    """
    fixed = {key: value for key, value in values.items() if key not in ("tuning", "inputs", "replicas", "initial")}
    fixed["training"] = {**(fixed.get("training") or {}), **tuning.training}
    if tuning.training and (mistakes := [one for one in refused(fixed) if one.keys[:1] == ("training",)]):
        yield from mistakes
        return
    for key, parameter in tuning.space.items():
        if key.split(".")[0] in ("architecture", "initial", "inputs", "replicas", "reweighting", "tuning"):
            yield Mistake(("space", key), "not a setting of the architecture or the training")
        elif text := _refusal(key, parameter, tuning.space, fixed, refused):
            yield Mistake(("space", key), text)


def _refusal(
    key: str, parameter: Parameter, space: Mapping[str, Parameter], fixed: Mapping[str, Any], refused: Refused
) -> str | None:
    """Return what there is against a value of a parameter that no values of the others make good."""

    def against(value: Scalar) -> list[Mistake]:
        first: list[Mistake] = []
        for point in probes(space, key, value):
            if not (mistakes := refused(applied(fixed, point))):
                return []
            first = first or mistakes
        return first

    for value in parameter.examples:
        if objections := against(value):
            whole = isinstance(value, float) and not value.is_integer() and not against(round(value))
            if whole and parameter.uniform is not None:
                return f"a whole number, so write int: [{', '.join(f'{end:g}' for end in parameter.uniform)}]"
            inside = parameter.integer is not None and value not in parameter.limits
            advice = "; leave such values out by a 'step', or list 'choices'" if inside else ""
            return f"{value!r} is refused: {'; '.join(map(str, objections))}{advice}"
    return None
