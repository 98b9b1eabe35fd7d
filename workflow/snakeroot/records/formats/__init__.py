"""Formats of records: one module each. A module has

* `PACKAGE`: what it imports, which comes with the extra of the module's name.
* `write(runs, folder)`: write what the tool opens into an empty folder. The runs are `snakeroot.records.runs.Run`, a
  parent before its children.

A format's module is imported to read the config, so it imports its package only inside its functions.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from snakeroot.registry import Registry

FORMATS = Registry(__name__, "format of records")

if TYPE_CHECKING:
    Format = str
else:
    Format = Literal[tuple(FORMATS.names())]
"""The name of one."""


def missing(name: str) -> str | None:
    """Return what to do where the package of a format is not installed; None where it is."""
    package = FORMATS.load(name).PACKAGE
    if (found := find_spec(package)) and found.origin:  # a folder of the name that lies somewhere has none
        return None
    return (
        f"the package {package} is not installed here, as it is needed for nothing else: "
        f"pip install --constraint envs/constraints.txt -e '.[{name}]', or remove {name} from records"
    )
