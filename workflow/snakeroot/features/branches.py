"""Which branch of a file a name means: its path, or as much of the path's end as is unambiguous."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from snakeroot.errors import SnakerootError, hint

SIZE = re.compile(r"(\[\w*\])+$")
"""Of an array in C, which ROOT keeps in the name of a branch: `x[3]`."""


def found(name: str, paths: Collection[str], path: Path, tree: str | None, separator: str = "/") -> str:
    """Return the path of the branch that is called so.

    Args:
        name: a path, or the end of one behind a separator, with or without the size of an array.
        paths: of all branches that hold values; what is before a separator is a group of branches.
        path, tree: the file and its tree, if it has any, for messages.

    Raises:
        SnakerootError: if there is none, if there are several, or if it is a group, naming what there is.
    """
    if name in paths:
        return name
    of, within = (f" of {tree!r}", f" in {tree!r}") if tree else ("", "")
    ends = [full for full in paths if name in _ends(full, separator)]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise SnakerootError(f"{path}: {name!r} may be any of {len(ends)} branches{of}; write which: {written(ends)}")
    if inside := [full for full in paths if full.startswith(name + separator)]:
        raise SnakerootError(
            f"{path}: {name!r} is a group of {len(inside)} branches{within}; write one of them: {written(inside)}"
        )
    raise SnakerootError(f"{path}: no branch {name!r}{within}: {hint(name, paths)}")


def _ends(full: str, separator: str) -> Iterator[str]:
    """The names that a branch has beside its path."""
    parts = full.split(separator)
    for begin in range(len(parts)):
        end = separator.join(parts[begin:])
        yield end
        yield SIZE.sub("", end)


def written(paths: Collection[str], most: int = 8) -> str:
    """Branches as they stand in an expression."""
    shown = ", ".join(f"branch({path!r})" for path in list(paths)[:most])
    return shown + (f", … ({len(paths)} in all)" if len(paths) > most else "")
