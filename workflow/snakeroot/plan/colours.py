"""Which colour each sample has: the same in all tasks, so that a reader knows a process again."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from snakeroot.config.project import Project
from snakeroot.config.read import task_files
from snakeroot.config.schema import Task
from snakeroot.errors import SnakerootError
from snakeroot.plotting.colours import BACKGROUND, CLASSES, OTHER, RECORDED, SIGNAL, STRONG


def colours(project: Project, task: str) -> dict[str, str]:
    """Return the colour of each sample of a task.

    The tasks that the config names come first, so that it changes nothing for them which others are in the folder.
    """
    named = task in project.config.tasks
    known = _of_named(project) if named else _of_folder(project)
    return {sample: known[sample] for sample in project.tasks[task].samples}


@functools.lru_cache(maxsize=8)
def _of_named(project: Project) -> dict[str, str]:
    return assigned({}, [project.tasks[name] for name in project.config.tasks])


@functools.lru_cache(maxsize=8)
def _of_folder(project: Project) -> dict[str, str]:
    """Those of all tasks in the folder; one that cannot be read has no figures either."""
    others = []
    for name in task_files(Path(project.config.task_folder)):
        with suppress(SnakerootError):
            others.append(project.tasks[name])
    return assigned(_of_named(project), others, [project.tasks[name] for name in project.config.tasks])


def assigned(known: dict[str, str], tasks: list[Task], before: list[Task] | None = None) -> dict[str, str]:
    """Return `known` with colours of all samples of the tasks.

    Two samples that are in one task differ, as long as there are colours. In a task of signal and background the former
    is red or warm and the latter blue or cool, unless another task has given it a colour; data is black. Others look
    for a free colour from a place on that follows from their name, so in other projects they mostly find the same.

    Args:
        before: the tasks that the known ones are of.
    """
    beside: dict[str, set[str]] = {}
    for task in [*(before or []), *tasks]:
        for sample in task.samples:
            beside.setdefault(sample, set()).update(task.samples)
    found = dict(known)
    for task in sorted(tasks, key=lambda task: task.kind != "binary"):
        for sample in task.samples:
            if sample not in found:
                taken = {found[other] for other in beside[sample] if other in found}
                pool = list(_pool(task, sample))
                found[sample] = next((colour for colour in pool if colour not in taken), pool[0])
    return found


def _pool(task: Task, sample: str) -> Iterator[str]:
    """Yield the colours that a sample may have, the best first."""
    known = task.samples[sample]
    if known.data and not task.labelled(sample):
        yield RECORDED
        return
    roles = {"signal": SIGNAL, "background": BACKGROUND} if task.kind == "binary" else {}
    yield from roles.get(known.class_name or "", ())
    # red and blue are left to signal and background, as long as there are others
    own = (SIGNAL[0], BACKGROUND[0])
    first = zlib.crc32(sample.encode()) % len(STRONG)
    every = dict.fromkeys((*STRONG[first:], *STRONG[:first], *CLASSES, *OTHER))
    yield from (colour for colour in every if colour not in own)
    yield from own
