"""The base of all settings: strict pydantic models whose errors name the key and the nearest known one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from snakeroot.errors import hint

NAME = r"[A-Za-z][A-Za-z0-9_-]*"
COLUMN = r"[A-Za-z_][A-Za-z0-9_]*"

ID = "id_"
"""Prefix of the columns that carry an event's identity; the rest of the column's name is the branch's."""

Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$", max_length=64)]
"""A task, sample or model: a part of a path, so nothing that a path or a shell could read otherwise."""

Column = Annotated[str, StringConstraints(pattern=f"^{COLUMN}$", max_length=64)]
"""A feature: a column of a table and a name in an expression."""


class Settings(BaseModel):
    """Immutable settings that refuse unknown keys, infinities and NaN."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, validate_by_alias=True, validate_by_name=True
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key not in known and key not in cls.model_fields:
                    raise PydanticCustomError(
                        "unknown_key",
                        "unknown key {key}: {hint}",
                        {"key": repr(key), "hint": hint(str(key), known, 20)},
                    )
        return data


def explain(error: ValidationError, source: str, prefix: tuple[str, ...] = ()) -> str:
    """Return one line per mistake: where it stands (`source`, then the keys from the top), and what is wrong."""
    lines = []
    for detail in error.errors():
        keys = ".".join(str(key) for key in (*prefix, *detail["loc"]))
        message = detail["msg"].removeprefix("Value error, ")
        given = detail["input"]
        shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
        lines.append(f"{source}: {keys + ': ' if keys else ''}{message}{shown}")
    return "\n".join(lines)
