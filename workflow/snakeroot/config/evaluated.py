"""What is wrong in keys of a task that say how it is evaluated."""

from __future__ import annotations

from collections.abc import Iterator

from snakeroot.config.schema import Task
from snakeroot.errors import hint
from snakeroot.settings import Mistake


def _check_comparison(task: Task) -> Iterator[Mistake]:
    """Data are compared with yields, which there are for a luminosity."""
    given = task.evaluation
    if given.simulation_scaled_to == "luminosity" and not task.luminosity:
        text = "the task has no luminosity that yields are for: give 'luminosity', or scale to the data"
        yield Mistake(("evaluation", "simulation_scaled_to"), text)
    uncertain = given.normalisation_uncertainty
    for name in uncertain if isinstance(uncertain, dict) else ():
        keys = ("evaluation", "normalisation_uncertainty", name)
        if name not in task.samples:
            yield Mistake(keys, f"no such sample: {hint(name, task.samples)}")
        elif task.samples[name].data and not task.labelled(name):
            yield Mistake(keys, "the sample is data, which the yields are compared with")


def _check_discriminants(task: Task) -> Iterator[Mistake]:
    """Discriminants are of classes, and a figure is known by its name."""
    for name, one in task.evaluation.discriminants.items():
        keys = ("evaluation", "discriminants", name)
        if task.kind != "multiclass":
            yield Mistake(
                keys, f"discriminants are made of the scores of several classes, and this task is {task.kind!r}"
            )
            continue
        if name in task.models:
            yield Mistake(keys, "a model has its name: rename one")
        if one.signal not in task.classes:
            yield Mistake((*keys, "signal"), f"no such class: {hint(one.signal, task.classes)}")
        for other in one.fractions:
            if other not in task.classes:
                yield Mistake((*keys, "fractions", other), f"no such class: {hint(other, task.classes)}")
            elif other == one.signal:
                yield Mistake((*keys, "fractions", other), "it is the signal, which is no part of the background")


def _check_profiles(task: Task) -> Iterator[Mistake]:
    """What profiles are against is a column of the features."""
    keys, known = ("evaluation", "profiles"), [*task.features, *task.spectators]
    if task.evaluation.profiles and task.kind not in ("binary", "regression"):
        text = "of cuts between signal and background, or of the residuals of a regression"
        yield Mistake(keys, f"{text}, and this task is {task.kind!r}")
    for place, name in enumerate(task.evaluation.profiles or []):
        if name not in known:
            yield Mistake((*keys, place), f"{name!r} is no feature or spectator: {hint(name, known)}")


def _check_cuts(task: Task) -> Iterator[Mistake]:
    """Cuts are between two classes."""
    for name in ("working_points", "background_uncertainty"):
        if name in task.evaluation.model_fields_set and task.kind != "binary":
            yield Mistake(("evaluation", name), "of cuts between signal and background, which this task has not")


CHECKS = (_check_comparison, _check_discriminants, _check_profiles, _check_cuts)
