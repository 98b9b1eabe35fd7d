"""Expressions with names: which of them are needed, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.language import Expression

Definitions = Mapping[str, Expression]


class CircleError(SnakerootError):
    """A definition is made of itself.

    Attributes:
        names: each uses the next; the last is the first again.
    """

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"a definition is made of itself: {' uses '.join(map(repr, names))}")
        self.names = names

    def beginning(self, known: Iterable[str]) -> CircleError:
        """Return the same, beginning with the one that is known first."""
        place = self.names.index(next(name for name in known if name in self.names))
        return CircleError([*self.names[place:], *self.names[1 : place + 1]])


def needed(names: Iterable[str], definitions: Definitions) -> list[str]:
    """Return those definitions that names mean or that they are computed from, each after those that it uses.

    Raises:
        CircleError: if one of them is made of itself.
    """
    graph: dict[str, list[str]] = {}
    waiting = list(names)
    while waiting:
        if (name := waiting.pop()) in definitions and name not in graph:
            graph[name] = [used for used in definitions[name].branches if used in definitions]
            waiting += graph[name]
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise CircleError(error.args[1][::-1]) from error


def branches(names: Iterable[str], definitions: Definitions) -> set[str]:
    """Return the branches that names mean, or that the definitions which they mean are computed from."""
    given = list(names)
    used = [name for one in needed(given, definitions) for name in definitions[one].branches]
    return {name for name in [*given, *used] if name not in definitions}
