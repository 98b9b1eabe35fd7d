"""What names mean for some rows: definitions are computed once, when one that uses them is, and then like branches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from snakeroot.errors import SnakerootError
from snakeroot.physics.expressions.branches import Branch
from snakeroot.physics.expressions.definitions import Definitions, needed
from snakeroot.physics.expressions.doubles import losses
from snakeroot.physics.expressions.evaluation import Entry, TogetherTooManyError, evaluated
from snakeroot.physics.expressions.values import Values


class Scope(Mapping[str, Any]):
    """What names mean for some rows: arrays of branches, and the values of definitions, computed when asked for."""

    def __init__(
        self,
        branches: Mapping[str, Branch],
        definitions: Definitions,
        entry: Entry,
        computed: Mapping[str, Values],
    ) -> None:
        self._branches, self.definitions, self._entry = branches, definitions, entry
        self.computed = dict(computed)

    def __getitem__(self, name: str) -> Branch | Values:
        known = name in self.definitions or name in self.computed
        return self.defined(name) if known else self._branches[name]

    def defined(self, name: str) -> Values:
        """Return the values of a definition."""
        if name not in self.computed:
            for one in needed([name], self.definitions):
                if one not in self.computed:
                    self.computed[one] = self._evaluated(one)
        return self.computed[name]

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
