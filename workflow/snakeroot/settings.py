"""The base of all settings: strict pydantic models whose errors name the key and the nearest known one."""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

from snakeroot.errors import SnakerootError, hint, nearest, shown

NAME = r"[A-Za-z][A-Za-z0-9_-]*"
COLUMN = r"[A-Za-z_][A-Za-z0-9_]*"

ID = "id_"
"""Prefix of the columns that carry an event's identity; the rest of the column's name is the branch's."""

FILE, ENTRY = "(file)", "(entry)"
"""In place of branches in event_id: the file that an event is from, and the number of its entry there."""

LONGEST_NAME = 64

MOST_MISTAKES = 50
"""Mistakes that are listed at once."""

LONGEST_MESSAGE = 1000
"""Characters of one mistake, whatever it repeats."""


def _name(name: str) -> str:
    if not re.fullmatch(NAME, name) or len(name) > LONGEST_NAME:
        raise ValueError(
            f"{shown(name)} is no name: letters (a-z, A-Z), digits, '_' and '-', a letter first, {LONGEST_NAME} at "
            f"most{_instead(name, NAME)}; figures show any text instead (evaluation.labels)"
        )
    return name


def _column(name: str) -> str:
    if not re.fullmatch(COLUMN, name) or len(name) > LONGEST_NAME:
        raise ValueError(
            f"{shown(name)} is no name of a column: letters (a-z, A-Z), digits and '_', no digit first, "
            f"{LONGEST_NAME} at most{_instead(name, COLUMN)}; a branch that is called otherwise is branch('its.name') "
            "in an expression"
        )
    return name


def _instead(name: str, pattern: str) -> str:
    near = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    return f", as {near}" if re.fullmatch(pattern, near) and len(near) <= LONGEST_NAME else ""


Name = Annotated[str, AfterValidator(_name)]
"""A task, sample or model: a part of a path, so nothing that a path or a shell could read otherwise."""

Column = Annotated[str, AfterValidator(_column)]
"""A feature: a column of a table and a name in an expression."""

Duplicates = Literal["error", "keep"]
"""What to do if many rows of a sample share their event_id and differ."""


class Mistake(NamedTuple):
    """What is wrong in settings.

    Attributes:
        keys: where it stands, from the top; numbers count the items of a list.
        text: what is wrong, and what to do.
        unknown: the key below `keys` that the text is about and names, if it is one that there should not be.
    """

    keys: tuple[str | int, ...]
    text: str
    unknown: str | None = None

    @property
    def at(self) -> tuple[str | int, ...]:
        """Where in a file it stands."""
        return (*self.keys, self.unknown) if self.unknown else self.keys

    def below(self, *keys: str | int) -> Mistake:
        """Return the same mistake of settings that stand below these keys."""
        return self._replace(keys=(*keys, *self.keys))

    def __str__(self) -> str:
        """The keys and the text."""
        return ": ".join([*([".".join(map(str, self.keys))] if self.keys else []), self.text])


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Refuse settings for all that is wrong in them, in one line.

    Raises:
        SnakerootError: if there are mistakes.
    """
    if texts := [str(mistake) for mistake in mistakes]:
        raise SnakerootError("; ".join(texts))


def raise_all(mistakes: Iterable[Mistake]) -> None:
    """Raise the mistakes, if there are any, from within a validator of pydantic's: each is listed at its keys.

    Raises:
        ValidationError: with all of them.
    """
    details = [
        InitErrorDetails(type=PydanticCustomError("mistake", "{text}", {"text": text}), loc=keys, input=None)
        for keys, text, _ in mistakes
    ]
    if details:
        raise ValidationError.from_exception_data("settings", details)


class Settings(BaseModel):
    """Immutable settings that refuse unknown keys, infinities and NaN."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_by_alias=True,
        validate_by_name=True,
        defer_build=True,
    )

    @model_validator(mode="wrap")
    @classmethod
    def _only_known_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        known, fields, numbers = _keys(cls)
        details = list(_unknown(data, fields, lambda key: cls._instead_of(key, list(known))))
        meant = {nearest(str(key), list(known)) for key in data if key not in fields}
        details += [error for key in data if key in numbers for error in _no_numbers(data[key], key)]
        if not details:
            return handler(data)
        places = {error["loc"] for error in details} | {(name,) for name in meant}
        try:
            handler({key: value for key, value in data.items() if key in fields})
        except ValidationError as error:
            for detail in error.errors():
                if detail["loc"] not in places:  # what is missing because it was misspelt is told of already
                    text = PydanticCustomError(detail["type"], "{text}", {"text": detail["msg"]})
                    details.append(InitErrorDetails(type=text, loc=detail["loc"], input=detail["input"]))
        raise ValidationError.from_exception_data(cls.__name__, details)

    @classmethod
    def _instead_of(cls, key: str, known: list[str]) -> str:
        """Say what to write instead of a key that there is not."""
        return hint(key, known, 20)


def _unknown(
    data: Mapping[Any, Any], fields: Mapping[str, FieldInfo], instead_of: Callable[[str], str]
) -> Iterator[InitErrorDetails]:
    for key in data:
        if key not in fields:
            told = {"key": shown(key), "hint": instead_of(str(key))}
            yield InitErrorDetails(
                type=PydanticCustomError("unknown_key", "unknown key {key}: {hint}", told), loc=(str(key),), input=None
            )


@functools.cache
def _keys(settings: type[BaseModel]) -> tuple[dict[str, FieldInfo], dict[str, FieldInfo], frozenset[str]]:
    """Return the fields as a user writes their names, as these or the names in code, and those that are numbers."""
    known = {field.alias or name: field for name, field in settings.model_fields.items()}
    fields = known | settings.model_fields
    return known, fields, frozenset(key for key, field in fields.items() if _wants_number(field))


def _no_numbers(value: Any, key: str) -> Iterator[InitErrorDetails]:
    """What is true or false where a number is wanted: Python counts them as 1 and 0."""
    for place, item in enumerate(value) if isinstance(value, list) else [(None, value)]:
        if isinstance(item, bool):
            told = {"value": str(item).lower()}
            yield InitErrorDetails(
                type=PydanticCustomError("number", "a number is wanted, not {value}", told),
                loc=(key,) if place is None else (key, place),
                input=None,
            )


def _wants_number(field: FieldInfo) -> bool:
    kinds = set(leaves(field.annotation))
    return bool(kinds & {int, float}) and bool not in kinds


def leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of."""
    if not (inner := typing.get_args(annotation)):
        yield annotation
    for one in inner:
        yield from leaves(one)


_ADVICE = {
    "list_type": ": write a list, as in [one, two]",
    "dict_type": ": write a mapping, as in {key: value}",
    "model_type": ": write a mapping, as in {key: value}",
    "string_type": ": write text, in quotes if YAML reads it as something else",
}


def mistakes(error: ValidationError) -> list[Mistake]:
    """Return what pydantic found, in our words."""
    translated = []
    for detail in error.errors():
        # pydantic names the kind of a setting that may be of several, too: ours begin with a tilde
        place, is_key = detail["loc"], detail["loc"][-1:] == ("[key]",)
        keys = tuple(key for key in place[: -2 if is_key else None] if not str(key).startswith("~"))
        given = detail["input"]
        text = detail["msg"].removeprefix("Value error, ") + _ADVICE.get(detail["type"], "")
        unknown = str(given) if is_key else None
        if is_key:
            if detail["type"] == "string_type":
                text = f"{shown(given)}: a name must be text: put it in quotes (YAML reads no, on, yes and numbers as "
                text += "other things)"
        elif isinstance(given, str | int | float | bool) and shown(given, 10**9) not in text:
            text += f" (given: {shown(given)})"
        elif given is None and detail["type"].endswith("_type"):
            text += " (given: nothing)"
        if detail["type"] == "unknown_key":
            keys, unknown = keys[:-1], str(keys[-1])
        translated.append(Mistake(keys, text, unknown))
    return translated


def explain(error: ValidationError, source: str) -> str:
    """Return one line per mistake: where it stands (`source`, then the keys from the top), and what is wrong."""
    return listed(f"{source}: {mistake}" for mistake in mistakes(error))


def listed(lines: Iterable[str]) -> str:
    """Return the lines one below the other: of very many the first, of a very long one the beginning and the end."""
    known = list(map(_cut, lines))
    more = [f"… and {len(known) - MOST_MISTAKES} more mistakes"] if len(known) > MOST_MISTAKES else []
    return "\n".join([*known[:MOST_MISTAKES], *more])


def _cut(text: str) -> str:
    if len(text) <= LONGEST_MESSAGE:
        return text
    return f"{text[: LONGEST_MESSAGE * 3 // 4]} … {text[-LONGEST_MESSAGE // 4 :]}"
