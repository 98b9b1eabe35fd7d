"""The first entries as they are in the systematic variations of a task: what is wrong in them, and not without them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from snakeroot.config import ntuples
from snakeroot.config.schema import Task
from snakeroot.config.source import Source
from snakeroot.config.variations import Varied, variations
from snakeroot.errors import SnakerootError
from snakeroot.features.transfers import remote
from snakeroot.plan.features import read
from snakeroot.settings import Mistake
from snakeroot.survey.rows import Keys, first_rows

ENTRIES = 1_000
"""Entries of one file of each sample that are looked at."""


def faults(
    task: Task,
    source: Source,
    parts: Mapping[str, Mapping[str, str]],
    told: Callable[[str], None],
) -> Iterator[Mistake]:
    """Find what is wrong with the first file of each sample in each variation that has rows of its own.

    Args:
        source: of the task file.
        parts: by sample, of those that are sound without variations.
        told: is called with each file that is opened.
    """
    for varied in variations(task).values():
        seen: set[Keys] = set()
        for sample in (name for name in varied.samples if name in parts):
            try:
                files = _files(task, source, varied, sample, parts[sample])
            except SnakerootError:  # told of where all files are looked for
                continue
            part, ntuple = next(((part, file) for part, file in files.items() if not remote(file)), ("", ""))
            if not ntuple:
                continue
            told(ntuple)
            rows = first_rows(read(varied.task, sample, part, ntuple, None, len(files)), ntuple, ENTRIES)
            for keys, text in rows.faults:
                if (at := _placed(varied, keys)) not in seen:
                    seen.add(at)
                    yield Mistake(at, f"{ntuple}: {text.replace(f'{ntuple}: ', '')}")


def _files(task: Task, source: Source, varied: Varied, sample: str, parts: Mapping[str, str]) -> Mapping[str, str]:
    at = varied.keys
    if varied.task.samples[sample].files == task.samples[sample].files:
        return parts
    return ntuples.parts(lambda *keys: source.place(*at, *keys), sample, varied.task.samples[sample], {}, {})


def _placed(varied: Varied, keys: Keys) -> Keys:
    """Return where in the file it stands: in the variation, with what it changes."""
    at: Keys = varied.keys
    changed: Collection[str | int] = getattr(varied.variation, str(keys[0]), None) or () if keys else ()
    if len(keys) > 1 and keys[1] in changed:
        return (*at, *keys[:2])
    return (*at, keys[0]) if len(keys) == 1 and changed else at
