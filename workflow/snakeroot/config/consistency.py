"""What is wrong in keys of a task that are right alone, each mistake at its key."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from contextlib import suppress

from snakeroot.config import auxiliary, evaluated, parameters, samples, systematics, templates, weights
from snakeroot.config.partial import UnreadError, each
from snakeroot.config.repeated import twins
from snakeroot.config.schema import Task
from snakeroot.errors import hint
from snakeroot.features.inputs import StoredImage
from snakeroot.features.settings import belongs
from snakeroot.networks.objectives import columns
from snakeroot.physics.expressions import definitions
from snakeroot.physics.expressions.definitions import CircleError
from snakeroot.physics.expressions.language import parse
from snakeroot.settings import ID, MOST_MISTAKES, Mistake

RESERVED_COLUMNS = ("entry", "object", "part", "sample", "score", "split", "target", "weight")
"""Columns that every table has, so no input or spectator can be called so."""


def inconsistencies(task: Task) -> Iterator[Mistake]:
    """Find all of them, as far as what they depend on could be read."""
    checks = (
        *(_check_names, _check_samples, _check_models, _check_definitions, _check_stored, _check_group, _check_rows),
        *(_check_target, _check_roles),
        *(_check_classes, _check_columns, _check_axes, _check_reference, _check_labels),
        *(
            _check_normalisation,
            _check_trees,
            *samples.CHECKS,
            *evaluated.CHECKS,
            templates.mistakes,
            systematics.mistakes,
            weights.reweightings,
            parameters.mistakes,
            auxiliary.mistakes,
        ),
    )
    for check in checks:
        with suppress(UnreadError):
            yield from check(task)


def _inputs(task: Task) -> dict[str, str]:
    """All inputs, each with the key below which it stands."""
    return {name: key for key in ("features", "images", "sequences", "trees") for name in getattr(task, key)}


def _check_names(task: Task) -> Iterator[Mistake]:
    names = _inputs(task)
    if not names:
        yield Mistake((), "there is nothing to learn from: give 'features', 'images', 'sequences' or 'trees'")
    for name, key in names.items():
        for other in ("features", "images", "sequences"):
            if other != key and name in getattr(task, other):
                yield Mistake((key, name), f"{name!r} stands in {other} too: rename one")
    given: dict[tuple[str | int, ...], str] = {(key, name): name for name, key in names.items()}
    given |= {("parameters", name): name for name in task.parameters}
    given |= {("spectators", place): name for place, name in enumerate(task.spectators)}
    for keys, name in given.items():
        if name.lower() in RESERVED_COLUMNS or name.lower().startswith(ID):
            text = f"features, spectators and parameters cannot be called {name!r}: every table has its own {name!r}"
            yield Mistake(keys, text)
    for place, name in enumerate(task.spectators):
        if name in names:
            text = f"{name!r} is a feature and a spectator; the feature is in all tables already"
            yield Mistake(("spectators", place), text)
    yield from twins("input", {name: (key, name) for name, key in names.items()})


def _check_samples(task: Task) -> Iterator[Mistake]:
    yield from twins("sample", {name: ("samples", name) for name in task.samples})


def _check_models(task: Task) -> Iterator[Mistake]:
    yield from twins("model", {name: ("models", name) for name in task.models})


def _check_definitions(task: Task) -> Iterator[Mistake]:
    """A definition can be written in an expression, and is computed from branches in the end."""
    known = {name: parse(text) for name, text in task.definitions.items()}
    for name in known:
        if keyword.iskeyword(name) or name.startswith("__"):
            text = f"{name!r} cannot be written in an expression: it is a word of the language, or begins with __"
            yield Mistake(("definitions", name), text)
    left = dict(known)
    for _ in range(MOST_MISTAKES):
        try:
            definitions.needed(left, left)
            break
        except CircleError as error:
            circle = error.beginning(known)
            text = f"{circle}; if a branch is meant, call the definition otherwise"
            yield Mistake(("definitions", circle.names[0]), text)
            left = {name: one for name, one in left.items() if name not in circle.names}
    for place, name in enumerate(task.event_id):
        if name in known:
            yield Mistake(("event_id", place), f"{name!r} is a definition, and events are identified by branches")


def _check_stored(task: Task) -> Iterator[Mistake]:
    """An image that is in the file is read as it is."""
    for name, image in task.images.items():
        if isinstance(image, StoredImage) and image.dataset in task.definitions:
            text = f"{image.dataset!r} is a definition, and not a branch"
            yield Mistake(("images", name, "dataset"), text)


def _check_group(task: Task) -> Iterator[Mistake]:
    """Copies of an event are of one group, or they could fall into different splits."""
    for place, name in enumerate(task.group):
        if name not in task.event_id:
            yield Mistake(
                ("group", place),
                f"{name!r} is not in event_id, so copies of an event could fall into different splits: add it to "
                f"event_id too; {hint(name, task.event_id)}",
            )


def _check_rows(task: Task) -> Iterator[Mistake]:
    """An event's objects share its identity, or they would fall into different splits."""
    if task.rows is None:
        return
    for place, name in enumerate(task.event_id):
        if belongs(name, task.rows):
            text = f"{name!r} is of the objects {task.rows!r}, which do not identify an event"
            yield Mistake(("event_id", place), text)
    names = {*samples.used(task), *task.spectators}
    aliased = {branch for sample in task.samples.values() for branch in sample.branches.values()}
    known = {name: parse(text) for name, text in task.definitions.items()}
    try:
        used = names | aliased | definitions.branches(names, known)
    except CircleError:  # told of where it stands
        return
    if not any(belongs(branch, task.rows) for branch in used):
        yield Mistake(
            ("rows",),
            f"no branch {task.rows}_… is used, so it is not known how many there are: write "
            f"one with the collection's name, as {task.rows}_pt or branch('{task.rows}.pt')",
        )


def _check_roles(task: Task) -> Iterator[Mistake]:
    for name, class_name in ((name, sample.class_name) for name, sample in each(task.samples) if sample.class_name):
        if task.kind in ("regression", "unsupervised"):
            yield Mistake(("samples", name, "class"), f"a task of kind {task.kind!r} has no classes")
        if task.kind == "binary" and class_name not in ("signal", "background"):
            yield Mistake(("samples", name, "class"), f"{class_name!r} is neither 'signal' nor 'background'")


def _check_target(task: Task) -> Iterator[Mistake]:
    if task.kind == "regression" and task.target is None:
        yield Mistake((), "'target' is missing: what the regression learns")
    if task.kind != "regression" and task.target is not None:
        yield Mistake(("target",), f"'target' is for a regression, and this task is {task.kind!r}")


def _check_classes(task: Task) -> Iterator[Mistake]:
    classes = {name: sample.class_name for name, sample in task.samples.items() if sample.class_name}
    if task.kind == "binary":
        for class_name in ("signal", "background"):
            if class_name not in classes.values():
                yield Mistake(("samples",), f"no sample has 'class: {class_name}'")
    if task.kind == "multiclass" and len(set(classes.values())) < 3:
        text = f"a multiclass task has three classes or more, not {len(set(classes.values()))}"
        yield Mistake(("samples",), text)
    for class_name in sorted(set(classes.values())):
        if class_name in task.samples and class_name not in classes:
            yield Mistake(("samples", class_name), "it has no class, but a class has its name: rename one")


def _check_columns(task: Task) -> Iterator[Mistake]:
    """Of a class `jet`, predictions have the columns score.jet, score.jet_0, … of replicas, and score.jet_spread."""
    for column in columns(task.kind, task.classes):
        for other in columns(task.kind, task.classes):
            if re.fullmatch(rf"{re.escape(column)}_(\d+|spread)", other):
                first, second = (name.removeprefix("score.") for name in (column, other))
                text = f"class {second!r}: the predictions of class {first!r} have a column {other!r} too: rename one"
                sample = next(name for name, sample in task.samples.items() if sample.class_name == second)
                yield Mistake(("samples", sample, "class"), text)


def _check_axes(task: Task) -> Iterator[Mistake]:
    targets = [*(["target"] if task.target else []), *task.auxiliary]
    known = [*task.features, *task.spectators, *task.parameters, *targets]
    for name in task.evaluation.axes:
        if name not in known:
            text = f"no such feature or spectator: {hint(name, known)}"
            yield Mistake(("evaluation", "axes", name), text)


def _check_reference(task: Task) -> Iterator[Mistake]:
    reference, keys = task.evaluation.reference, ("evaluation", "reference")
    if reference and task.kind != "regression":
        yield Mistake(keys, "an estimate of the target of a regression, which this task is not")
    elif reference and reference not in (*task.features, *task.spectators):
        known = hint(reference, [*task.features, *task.spectators])
        yield Mistake(keys, f"{reference!r} is no feature or spectator: {known}")


def _check_labels(task: Task) -> Iterator[Mistake]:
    reference = task.evaluation.reference
    named = [*task.samples, *task.models, *task.classes, *([reference] if reference else []), *task.auxiliary]
    for name in task.evaluation.labels:
        if name not in named:
            yield Mistake(("evaluation", "labels", name), f"no such sample, model or class: {hint(name, named)}")


def _check_normalisation(task: Task) -> Iterator[Mistake]:
    """Yields of several samples can only be added if all of them are yields."""
    simulated = {n: s for n, s in task.samples.items() if task.labelled(n) and not s.data}
    known = {n: bool(s.generate or s.cross_section) for n, s in simulated.items()}
    for bare in (name for name, normalised in known.items() if any(known.values()) and not normalised):
        yield Mistake(
            ("samples", bare),
            f"the sample {bare!r} has no cross_section and generated, but others are normalised by theirs: give "
            "them for all samples with a class, or for none (weights are then taken to be yields)",
        )
    normalised = any(s.generate or s.cross_section for s in task.samples.values())
    if normalised and "luminosity" not in task.model_fields_set:
        yield Mistake(
            (),
            "'luminosity' is missing: with cross-sections, yields are for a luminosity [fb^-1]; or write null to "
            "take the weights as they are",
        )


def _check_trees(task: Task) -> Iterator[Mistake]:
    for name, sample in each(task.samples):
        if (made := sample.generate) and (tree := sample.tree or task.tree) not in (made.tree, None):
            text = f"the generated sample {name!r} has the tree {made.tree!r}, not {tree!r}"
            yield Mistake(("samples", name, "tree") if sample.tree else ("tree",), text)
