"""Expressions with names: computed once for the rows of a chunk, when one that uses them is, and then like branches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

import awkward as ak

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.doubles import losses
from snakeroot.physics.expressions.evaluation import Entry, TogetherTooManyError, evaluated
from snakeroot.physics.expressions.language import Expression
from snakeroot.physics.expressions.values import Values

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


class Scope(Mapping[str, Any]):
    """What names mean for some rows: arrays of branches, and the values of definitions, computed when asked for."""

    def __init__(
        self,
        branches: Mapping[str, ak.Array],
        definitions: Definitions,
        entry: Entry,
        computed: Mapping[str, Values],
    ) -> None:
        self._branches, self.definitions, self._entry = branches, definitions, entry
        self.computed = dict(computed)

    def __getitem__(self, name: str) -> ak.Array | Values:
        if name in self.definitions and name not in self.computed:
            for one in needed([name], self.definitions):
                if one not in self.computed:
                    self.computed[one] = self._evaluated(one)
        return self.computed[name] if name in self.computed else self._branches[name]

    def _evaluated(self, name: str) -> Values:
        try:
            with losses(f"definitions.{name}"):
                return evaluated(self.definitions[name], self, self._entry)
        except TogetherTooManyError:
            raise
        except SnakerootError as error:
            raise SnakerootError(f"definitions.{name}: {error}") from error

    def __iter__(self) -> Iterator[str]:
        return iter({**self._branches, **self.definitions, **self.computed})

    def __len__(self) -> int:
        return len({**self._branches, **self.definitions, **self.computed})
