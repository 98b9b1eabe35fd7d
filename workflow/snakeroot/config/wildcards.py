"""Patterns in place of features, as `lept*_pt`: refused with what they match, as a run depends on the config alone."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from snakeroot.config import patterns
from snakeroot.errors import SnakerootError, reading
from snakeroot.features.readers import READERS, WITH_TREES, kind
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
    what = ""
    for where, entry, tree in _entries(values):
        try:
            _, _, path = patterns.named(where, entry, {})[0]
            matching = [branch for branch in _branches(path, tree) if fnmatch.fnmatchcase(branch, name)]
        except SnakerootError as error:
            what = f"; what it matches cannot be said: {str(error).splitlines()[0]}"
            continue
        what = (
            f": write out what matches in {path}: {_written(matching)}"
            if matching
            else f"; nothing matches it in {path}"
        )
        break
    return mistake._replace(text=text + what)


def _entries(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield where the first local entry of `files` of each sample stands, the entry, and its tree; empty: none."""
    samples = values.get("samples")
    for name, sample in samples.items() if isinstance(samples, dict) else ():
        files = sample.get("files") if isinstance(sample, dict) else None
        lists = files.values() if isinstance(files, dict) else [files]
        for entry in (one for some in lists if isinstance(some, list) for one in some):
            if isinstance(entry, str) and not remote(entry):
                yield f"samples.{name}.files", entry, str(sample.get("tree") or values.get("tree") or "")
                break


def _branches(path: str, tree: str) -> list[str]:
    reader = READERS.load(kind(path))
    if not tree and kind(path) in WITH_TREES:
        raise SnakerootError(f"{path}: no 'tree' is named")
    with reading(path), reader.opened(Path(path), tree or None) as opened:
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
