"""What differs in the systematic variations of a task: each is a task of its own, of which some samples are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from snakeroot.config.schema import Sample, Task
from snakeroot.systematics.choices import Direction, Systematic, Variation

Keys = tuple[str, ...]

OF_TASK: Keys = ("systematics",)
OF_TEMPLATES: Keys = ("templates", "systematics")
"""Where uncertainties stand: those of all that there is, and those of the templates alone."""


class Varied(NamedTuple):
    """A variation that has rows of its own.

    Attributes:
        task: the task as it is varied.
        samples: those that it is of, sorted.
        systematic, direction: what it is a variation of.
        variation: what the task file says of it.
        keys: where it says so.
    """

    task: Task
    samples: list[str]
    systematic: str
    direction: Direction
    variation: Variation
    keys: Keys

    @property
    def name(self) -> str:
        """What its folder is called."""
        return named(self.systematic, self.direction)


def named(systematic: str, direction: Direction) -> str:
    """Return what the folder of a variation is called."""
    return f"{systematic}-{direction}"


def placed(task: Task) -> Iterator[tuple[Keys, str, Systematic]]:
    """Yield the keys that each uncertainty of a task stands below, its name and itself, those of the templates last."""
    yield from ((OF_TASK, name, one) for name, one in task.systematics.items())
    yield from (
        (OF_TEMPLATES, name, one) for name, one in (task.templates.systematics if task.templates else {}).items()
    )


def of_templates(task: Task) -> dict[str, Systematic]:
    """Return the uncertainties that move a sample of the templates; none without templates."""
    known = {name: one for _, name, one in placed(task)} if task.templates else {}
    return {name: one for name, one in known.items() if set(moved(task, one)) & set(expected(task))}


def evaluated(task: Task) -> dict[str, Systematic]:
    """Return the uncertainties under which models are evaluated: those of the task that move what is split."""
    return {
        name: one
        for name, one in task.systematics.items()
        if any(task.labelled(sample) for sample in moved(task, one) if sample in task.samples)
    }


def moved(task: Task, systematic: Systematic, keys: Keys = OF_TASK) -> list[str]:
    """Return the samples that an uncertainty is of, sorted: by default all that are split, or of templates."""
    return sorted(systematic.samples or (possible(task) if keys == OF_TASK else expected(task)))


def possible(task: Task) -> list[str]:
    """Return all samples that an uncertainty can be of."""
    return sorted({*expected(task), *(name for name in task.samples if task.labelled(name))})


def variations(task: Task) -> dict[str, Varied]:
    """Return those of a task that have rows of their own, by the names of their folders."""
    return {one.name: one for one in _found(task)}


def chosen(task: Task, names: Sequence[str]) -> list[str]:
    """Return the variations that a training names, sorted: `jes` is all directions of it that have their own rows."""
    known = variations(task)
    return sorted({name for name, one in known.items() if name in names or one.systematic in names})


def _found(task: Task) -> Iterator[Varied]:
    for keys, name, systematic in placed(task):
        samples = moved(task, systematic, keys)
        for direction, variation in systematic.variations.items():
            if variation.own:
                at = (*keys, name, direction)
                yield Varied(_varied(task, samples, variation), samples, name, direction, variation, at)


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
    """Return all samples of which something is expected in the templates."""
    return [*signal(task), *background(task)] if task.templates else []
