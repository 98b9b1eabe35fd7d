"""A task that can be read in part, so that its other mistakes are found beside those that are in the way."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Never, TypeVar

from pydantic import ValidationError, create_model

from snakeroot.config.schema import Task
from snakeroot.networks.inputs import Input
from snakeroot.settings import Mistake, Settings

T = TypeVar("T")


class UnreadError(Exception):
    """What is asked for could not be read."""


class _Entries(dict[str, Any]):
    """Named entries, all of whose names are known; those that could not be read are errors when they are asked for."""

    def __init__(self, names: Sequence[str], read: Mapping[str, Any]) -> None:
        super().__init__({name: read.get(name) for name in names})
        self._unread = set(names) - set(read)

    def __getitem__(self, name: str) -> Any:
        if name in self._unread:
            raise UnreadError(name)
        return super().__getitem__(name)

    def __iter__(self) -> Iterator[str]:  # or Python would unpack it without asking for the entries one by one
        return super().__iter__()

    def values(self) -> Any:
        return [self[name] for name in self]

    def items(self) -> Any:
        return [(name, self[name]) for name in self]


class _PartOfTask(Task):
    """A task some of whose keys are errors when they are asked for."""

    @property
    def inputs(self) -> dict[str, Input]:
        """All that a network can take, by name, if these are names."""
        try:
            return super().inputs
        except ValidationError as error:
            raise UnreadError("inputs") from error

    def __getattr__(self, name: str) -> Never:
        raise UnreadError(name) if name in type(self).model_fields else AttributeError(name)


def each(entries: Mapping[str, T]) -> Iterator[tuple[str, T]]:
    """Yield the entries that could be read, by name."""
    for name in entries:
        with suppress(UnreadError):
            yield name, entries[name]


def readable(values: Mapping[str, Any], mistakes: Sequence[Mistake]) -> Task:
    """Return what can be read of a task.

    Args:
        values: what the file says.
        mistakes: of the keys, all that there are.
    """
    required = [key for key, field in Task.model_fields.items() if field.is_required()]
    wrong: dict[str, set[str] | None] = {key: None for key in required if key not in values}
    for first, *more in (mistake.at for mistake in mistakes if mistake.at):
        names = wrong.setdefault(str(first), set())
        entries = isinstance(values.get(str(first)), dict) and _named(str(first))
        wrong[str(first)] = names | {str(more[0])} if entries and more and names is not None else None
    given: dict[str, Any] = {}
    for key, value in values.items():
        if key not in wrong:
            given[key] = value
        elif names := wrong[key]:
            given[key] = {name: entry for name, entry in value.items() if isinstance(name, str) and name not in names}
    sound = {key: field for key, field in Task.model_fields.items() if key not in wrong or given.get(key)}
    part = create_model("Part", __base__=Settings, **{key: (field.annotation, field) for key, field in sound.items()})  # type: ignore[call-overload]
    read = part.model_validate({key: given[key] for key in sound if key in given})
    content = {key: getattr(read, key) for key in sound}
    for key in (key for key, names in wrong.items() if names and key in Task.model_fields):
        content[key] = _Entries([str(name) for name in values[key]], content.get(key, {}))
    task = _PartOfTask.model_construct(set(given), **content)
    for key in set(Task.model_fields) - set(content):
        task.__dict__.pop(key, None)
    return task


def _named(key: str) -> bool:
    """Whether a key of a task holds entries by name."""
    return key in Task.model_fields and typing.get_origin(Task.model_fields[key].annotation) is dict
