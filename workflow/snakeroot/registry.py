"""A registry is a folder: each module in it is an entry by its file's name, and no list is kept by hand.

Modules whose names begin with `_` are helpers of the entries.
"""

from __future__ import annotations

import functools
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
        return list(_entries(tuple(import_module(self.package).__path__)))

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


@functools.cache
def _entries(folders: tuple[str, ...]) -> tuple[str, ...]:
    """Look once in a process: a plan asks some thousand times."""
    return tuple(sorted(entry.name for entry in pkgutil.iter_modules(folders) if not entry.name.startswith("_")))
