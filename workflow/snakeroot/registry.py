"""A registry is a folder: each module in it is an entry by its file's name, and no list is kept by hand.

Modules whose names begin with `_` are helpers of the entries.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from snakeroot.errors import SnakerootError, hint


@dataclass(frozen=True)
class Registry:
    """The modules of one package of ours, called `kind` in messages."""

    package: str
    kind: str

    def names(self) -> list[str]:
        """Return the entries in alphabetical order."""
        return sorted(
            entry.name
            for entry in pkgutil.iter_modules(import_module(self.package).__path__)
            if not entry.name.startswith("_")
        )

    def module(self, name: str) -> str:
        """Return the full name of an entry's module, as the spec wants it.

        Raises:
            SnakerootError: with the nearest known name.
        """
        if name not in self.names():
            raise SnakerootError(f"no {self.kind} {name!r}: {hint(name, self.names(), 20)}")
        return f"{self.package}.{name}"

    def load(self, name: str) -> ModuleType:
        """Import an entry."""
        return import_module(self.module(name))
