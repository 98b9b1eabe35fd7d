"""What differs in the systematic variations of a task: each is a task of its own, of which some samples are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from snakeroot.config.schema import Sample, Task
from snakeroot.templates.choices import Direction, Templates, Variation


class Varied(NamedTuple):
    """A variation that has rows of its own.

    Attributes:
        task: the task as it is varied.
        samples: those that it is of, sorted.
        systematic, direction: where it stands in the task file.
    """

    task: Task
    samples: list[str]
    systematic: str
    direction: Direction

    @property
    def name(self) -> str:
        """What its folder is called."""
        return named(self.systematic, self.direction)


def named(systematic: str, direction: Direction) -> str:
    """Return what the folder of a variation is called."""
    return f"{systematic}-{direction}"


def variations(task: Task) -> dict[str, Varied]:
    """Return those of a task that have rows of their own, by the names of their folders."""
    found = _found(task, task.templates) if task.templates else ()
    return {one.name: one for one in found}


def _found(task: Task, templates: Templates) -> Iterator[Varied]:
    for name, systematic in templates.systematics.items():
        for direction, variation in systematic.variations.items():
            if variation.own:
                samples = sorted(systematic.samples or expected(task))
                yield Varied(_varied(task, samples, variation), samples, name, direction)


def _varied(task: Task, samples: list[str], variation: Variation) -> Task:
    """Return the task with what a variation says; it was checked where it stands."""
    changed: dict[str, Any] = {
        "features": {**task.features, **variation.features},
        "definitions": {**task.definitions, **variation.definitions},
    }
    if variation.elsewhere:
        varied = {name: _elsewhere(task.samples[name], variation) for name in samples}
        changed["samples"] = {**task.samples, **varied}
    return task.model_copy(update=changed)


def _elsewhere(sample: Sample, variation: Variation) -> Sample:
    changed: dict[str, Any] = {"tree": variation.tree or sample.tree}
    if variation.files:
        changed |= {"files": variation.files, "generate": None, "checksum": {}}
    for key in ("cross_section", "generated"):
        changed[key] = getattr(variation, key) or getattr(sample, key)
    return sample.model_copy(update=changed)


def signal(task: Task) -> list[str]:
    """Return the samples whose strength is fitted."""
    given = task.templates.signal if task.templates else None
    return list(given or (name for name, one in task.samples.items() if one.class_name == "signal"))


def background(task: Task) -> list[str]:
    """Return all other samples that are expected."""
    given = task.templates.background if task.templates else None
    others = (name for name, one in task.samples.items() if one.class_name and name not in signal(task))
    return list(given or others)


def expected(task: Task) -> list[str]:
    """Return all samples of which something is expected."""
    return [*signal(task), *background(task)]
