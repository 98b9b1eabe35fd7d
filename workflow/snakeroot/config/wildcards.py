"""Patterns in place of features, as `lept*_pt`: refused with what they match, as a run depends on the config alone."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from snakeroot.errors import SnakerootError, reading
from snakeroot.features.readers import READERS, kind
from snakeroot.features.transfers import remote
from snakeroot.settings import COLUMN, Mistake

MOST = 100
"""Features that are written out at once."""


def told(mistake: Mistake, values: Mapping[str, Any]) -> Mistake:
    """Return a mistake in a task; of a pattern in the name of a feature it says which branches match.

    Args:
        values: what the task file says.
    """
    name = mistake.unknown
    if mistake.keys != ("features",) or name is None or not set("*?[") & set(name):
        return mistake
    text = f"the pattern {name!r} is not expanded, as a run must not depend on what a file happens to have"
    for path, tree in _files(values):
        try:
            matching = [branch for branch in _branches(path, tree) if fnmatch.fnmatchcase(branch, name)]
        except SnakerootError:  # the job that reads the file says what is the matter
            continue
        text += (
            f": write out what matches in {path}: {_written(matching)}"
            if matching
            else f"; nothing matches it in {path}"
        )
        break
    return mistake._replace(text=text)


def _files(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield a local file of each sample, and its tree, as far as they can be read."""
    samples = values.get("samples")
    for sample in samples.values() if isinstance(samples, dict) else ():
        files = sample.get("files") if isinstance(sample, dict) else None
        patterns = [one for some in files.values() for one in some] if isinstance(files, dict) else files
        for pattern in patterns if isinstance(patterns, list) else ():
            if isinstance(pattern, str) and not remote(pattern):
                whole = os.path.expandvars(os.path.expanduser(pattern))  # noqa: PTH111 - a pattern, not a path
                yield from ((path, str(sample.get("tree") or values.get("tree"))) for path in _some(whole))
                break


def _some(pattern: str) -> list[str]:
    return sorted(glob.glob(pattern, recursive=True))[:1]  # noqa: PTH207 - Path.glob takes no absolute pattern


def _branches(path: str, tree: str) -> list[str]:
    reader = READERS.load(kind(path))
    with reading(path), reader.opened(path, tree) as opened:
        columns: list[str] = reader.columns(opened)
        return columns


def _written(branches: list[str]) -> str:
    """Return features, as they stand in YAML."""
    lines = []
    for branch in branches[:MOST]:
        plain = re.fullmatch(COLUMN, branch)
        name = branch if plain else re.sub(r"\W+", "_", branch, flags=re.ASCII).strip("_")
        lines.append(f"{name}: " + (branch if plain else f"branch('{branch}')"))
    more = f" … and {len(branches) - MOST} more" if len(branches) > MOST else ""
    return "{" + ", ".join(lines) + "}" + more
