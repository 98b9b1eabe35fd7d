"""What a user writes under `missing`: the values that stand for "there is none" in an ntuple."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from snakeroot.settings import Column

NAN: Literal["nan"] = "nan"
"""Not a number, as it stands in a spec, which is JSON."""


def _written(value: Any) -> Any:
    """Write NaN out, which is `.nan` in YAML."""
    if value == NAN or (isinstance(value, float) and math.isnan(value)):
        return NAN
    if type(value) not in (int, float) or math.isinf(value):
        raise ValueError("a finite number is wanted, or nan for what is not a number")
    return value


def _list(value: Any) -> Any:
    return value if isinstance(value, list | dict) else [value]


Value = Annotated[float | Literal["nan"], BeforeValidator(_written)]
Values = Annotated[list[Value], BeforeValidator(_list, json_schema_input_type=Value | list[Value]), Field(min_length=1)]
"""One value or several."""

Missing = Annotated[
    Annotated[list[Value], Tag("~all")] | Annotated[dict[Column, Values], Tag("~each")],
    Discriminator(lambda value: "~each" if isinstance(value, dict) else "~all"),
    BeforeValidator(_list, json_schema_input_type=Value | list[Value] | dict[Column, Values]),
]
"""Values of all inputs, or by the input's name."""


def values_of(missing: Sequence[float | str] | Mapping[str, Sequence[float | str]], name: str) -> list[float | str]:
    """Return the values that mean that an input is missing; none by default."""
    return list(missing.get(name, ()) if isinstance(missing, Mapping) else missing)
