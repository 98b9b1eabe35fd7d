"""The base of all settings: strict pydantic models whose errors name the key and the nearest known one."""

from __future__ import annotations

import typing
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic.fields import FieldInfo
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

Duplicates = Literal["error", "keep"]
"""What to do if many rows of a sample share their event_id and differ."""


def _wants_number(field: FieldInfo | None) -> bool:
    """Whether a field takes numbers but no true and false, which Python counts as 1 and 0."""
    kinds = {field.annotation, *typing.get_args(field.annotation)} if field else set()
    return bool(kinds & {int, float}) and bool not in kinds


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
            for key, value in data.items():
                if key not in known and key not in cls.model_fields:
                    raise PydanticCustomError(
                        "unknown_key",
                        "unknown key {key}: {hint}",
                        {"key": repr(key), "hint": hint(str(key), known, 20)},
                    )
                if isinstance(value, bool) and _wants_number(cls.model_fields.get(key)):
                    raise PydanticCustomError(
                        "number",
                        "{key}: a number is wanted, not {value}",
                        {"key": str(key), "value": str(value).lower()},
                    )
        return data


_ADVICE = {
    "list_type": ": write a list, as in [one, two]",
    "dict_type": ": write a mapping, as in {key: value}",
    "model_type": ": write a mapping, as in {key: value}",
}


def explain(error: ValidationError, source: str, prefix: tuple[str, ...] = ()) -> str:
    """Return one line per mistake: where it stands (`source`, then the keys from the top), and what is wrong."""
    lines = []
    for detail in error.errors():
        # pydantic names the kind of a setting that may be of several, too: ours begin with a tilde
        keys = ".".join(str(key) for key in (*prefix, *detail["loc"]) if not str(key).startswith("~"))
        given = detail["input"]
        message = detail["msg"].removeprefix("Value error, ") + _ADVICE.get(detail["type"], "")
        if detail["loc"] and detail["loc"][-1] == "[key]":
            message = "a name must be text: put it in quotes (YAML reads no, on, yes and numbers as other things)"
        known = not isinstance(given, str | int | float | bool) or repr(given) in message
        shown = "" if known else f" (given: {given!r})"
        lines.append(f"{source}: {keys + ': ' if keys else ''}{message}{shown}")
    return "\n".join(lines)
