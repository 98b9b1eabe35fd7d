"""What a user writes of targets beside the main one, and what is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from snakeroot.config.repeated import twins
from snakeroot.errors import hint
from snakeroot.features.inputs import Expression
from snakeroot.networks.others import Other, OtherKind, predicted
from snakeroot.settings import Column, Mistake, Name, Settings

if TYPE_CHECKING:
    from snakeroot.config.model import Model
    from snakeroot.config.schema import Task


class Auxiliary(Settings):
    """What a user writes under `auxiliary.<name>:` of a task."""

    kind: OtherKind = Field(description="a number (regression), or a label, which is true or not (binary)")
    target: Expression = Field(
        description="what it is, as float32, of a label 1 or 0; what is NaN, or `missing`, is not known, and counts in "
        "no loss"
    )
    samples: list[Name] | None = Field(
        None, min_length=1, description="those of which it is known, by default all that are trained on"
    )


OtherTargets = Annotated[
    dict[Column, Auxiliary],
    Field(
        description="name: a [further target](several-targets.md), a number or a label, that models can learn beside "
        "the main one (`training.auxiliary`)"
    ),
]
"""All of a task."""


def known(task: Task, sample: str) -> dict[str, str | None]:
    """Return by name the expression of each in a sample; none where it is not known."""
    given = task.labelled(sample)
    return {
        name: one.target if given and (one.samples is None or sample in one.samples) else None
        for name, one in task.auxiliary.items()
    }


def others(model: Model, task: Task) -> list[Other]:
    """Return those that a model learns, in the order of the task."""
    return [Other(name=name, kind=one.kind) for name, one in task.auxiliary.items() if name in model.training.auxiliary]


def mistakes(task: Task) -> Iterator[Mistake]:
    """Find names that something else has, and samples that there are not."""
    columns = [*task.inputs, *task.spectators]
    for name, one in task.auxiliary.items():
        at = ("auxiliary", name)
        if task.kind == "unsupervised":
            yield Mistake(at, "a task of kind 'unsupervised' has no targets: leave it out")
        if name in columns:
            yield Mistake(at, f"{name!r} is an input or spectator too: rename one, as target_{name}")
        for class_name in task.classes if task.kind == "multiclass" else ():
            if re.fullmatch(rf"{re.escape(predicted(name, one.kind))}(_\d+|_spread)?", f"score.{class_name}"):
                text = f"the predictions of class {class_name!r} have its column too: rename it"
                yield Mistake(at, text)
        for place, sample in enumerate(one.samples or []):
            if sample not in task.samples:
                yield Mistake((*at, "samples", place), f"no such sample: {hint(sample, task.samples)}")
            elif not task.labelled(sample):
                text = f"{sample!r} has no class, so nothing is trained on it"
                yield Mistake((*at, "samples", place), text)
    yield from twins("target", {name: ("auxiliary", name) for name in task.auxiliary})


def of_model(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find targets that there are not; that an architecture is not trained by gradients is told of elsewhere."""
    del module
    for name in model.training.auxiliary:
        if name not in task.auxiliary:
            known = hint(name, task.auxiliary) if task.auxiliary else "the task has no 'auxiliary'"
            yield Mistake(("training", "auxiliary", name), f"no such target: {known}")
