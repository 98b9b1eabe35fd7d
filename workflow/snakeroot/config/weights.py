"""What is wrong in what changes the weights of a training: reweightings, priors of the classes, decorrelation."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from snakeroot.errors import hint
from snakeroot.reweight.settings import FLAT
from snakeroot.settings import Mistake

if TYPE_CHECKING:
    from snakeroot.config.model import Model
    from snakeroot.config.schema import Task

OF_CLASSES = ("binary", "multiclass")
"""Kinds of task that have classes."""


def reweightings(task: Task) -> Iterator[Mistake]:
    """Find reweightings of what there is not."""
    columns = [*task.features, *task.spectators]
    for name, one in task.reweighting.items():
        at = ("reweighting", name)
        if task.kind not in OF_CLASSES:
            yield Mistake(at, f"it gives classes one shape, and a task of kind {task.kind!r} has none: leave it out")
            continue
        for variable in one.variables:
            if variable not in columns:
                text = f"no such feature or spectator: {hint(variable, columns)}"
                yield Mistake((*at, "variables", variable), text)
        if one.to not in (FLAT, *task.classes):
            yield Mistake((*at, "to"), f"neither {FLAT} nor a class: {hint(one.to, [FLAT, *task.classes])}")
        if FLAT in task.classes:
            yield Mistake((*at, "to"), f"{FLAT!r} is a shape, and a class of the task: call the class otherwise")
        for place, class_name in enumerate(one.classes or []):
            if class_name not in task.classes:
                yield Mistake((*at, "classes", place), f"no such class: {hint(class_name, task.classes)}")


def _reweighting(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find a reweighting that there is not."""
    del module
    if model.reweighting and model.reweighting not in task.reweighting:
        known = hint(model.reweighting, task.reweighting) if task.reweighting else "the task has no 'reweighting'"
        yield Mistake(("reweighting",), f"no reweighting {model.reweighting!r}: {known}")


def _priors(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find priors of other classes than there are."""
    del module
    if (priors := model.training.priors) is None:
        return
    at = ("training", "priors")
    if task.kind not in OF_CLASSES:
        yield Mistake(at, f"a task of kind {task.kind!r} has no classes: leave it out")
        return
    for name in priors:
        if name not in task.classes:
            yield Mistake((*at, name), f"no such class: {hint(name, task.classes)}")
    if missing := [name for name in task.classes if name not in priors]:
        yield Mistake(at, f"it names all classes, and not yet {' and '.join(missing)}")
    if "class_balance" in model.training.model_fields_set:
        yield Mistake(at, "in place of class_balance: leave one of the two out")


def _decorrelate(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find a decorrelation of what there is not."""
    del module
    if (wanted := model.training.decorrelate) is None:
        return
    at, columns = ("training", "decorrelate"), [*task.features, *task.spectators]
    if task.kind != "binary":
        yield Mistake(at, f"of signal against background, and this task is {task.kind!r}: leave it out")
    elif wanted.variable not in columns:
        text = f"no such feature or spectator: {hint(wanted.variable, columns)}"
        yield Mistake((*at, "variable"), text)


CHECKS = (_reweighting, _priors, _decorrelate)
"""Of a model."""
