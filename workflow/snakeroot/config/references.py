"""What a model takes from another one, maybe of another task: weights to begin with, or points of its search.

A reference is "task/model". A task that is named so is read, and checked, as if the config named it, but is not itself
a task to run: only what is taken from it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from snakeroot.config.model import Model
from snakeroot.config.models import inputs_of
from snakeroot.config.read import TaskFile
from snakeroot.config.schema import Task
from snakeroot.errors import hint
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.settings import Mistake
from snakeroot.train.initial_settings import EVERY, KnownEvents

Keys = tuple[str | int, ...]
Read = Callable[[str], TaskFile]


class Reference(NamedTuple):
    """A model that another one takes something from.

    Attributes:
        keys: where it stands, below the model.
        task, model: which it is.
        known_events: what to do with events of the test split that it has learned from.
    """

    keys: Keys
    task: str
    model: str
    known_events: KnownEvents


def of_model(model: Model) -> Iterator[Reference]:
    """Yield what a model takes something from."""
    if model.initial and model.initial.model:
        task, name = model.initial.model.split("/")
        yield Reference(("initial",), task, name, model.initial.known_events)
    if model.tuning and (start := model.tuning.start):
        task, name = start.search.split("/")
        yield Reference(("tuning", "start"), task, name, start.known_events)


def tasks(models: Mapping[str, Model]) -> list[str]:
    """Return the tasks that models take something from."""
    return list(dict.fromkeys(one.task for model in models.values() for one in of_model(model)))


def mistakes(task: str, known: Collection[str], read: Read) -> Iterator[Mistake]:
    """Find references of a task's models to what there is not, to themselves, or to what they cannot take.

    Args:
        known: the tasks in the folder.
        read: returns a task; all that this one refers to can be read.
    """
    for name, model in read(task).models.items():
        at = ("models", name)
        if model.initial and model.initial.weights:
            yield from (one.below(*at) for one in _file(model, Path(model.initial.weights)))
        for one in of_model(model):
            if one.task not in known:
                yield Mistake((*at, *one.keys), f"no task {one.task!r}: {hint(one.task, known)}")
                continue
            others = read(one.task).models
            if one.model not in others:
                text = f"the task {one.task!r} has no model {one.model!r}: {hint(one.model, others)}"
                yield Mistake((*at, *one.keys), text)
            elif circle := _circle((task, name), (one.task, one.model), known, read):
                yield Mistake((*at, *one.keys), f"the model takes from itself, by way of {', '.join(circle)}")
            else:
                yield from (wrong.below(*at) for wrong in _against(one, model, read(task).task, read(one.task)))


def _circle(
    start: tuple[str, str], at: tuple[str, str], known: Collection[str], read: Read, way: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Return the models on a way from `at` to `start`, both included; none if there is none."""
    way = [*way, at]
    if at == start:
        return [f"{task}/{model}" for task, model in way]
    task, name = at
    model = read(task).models.get(name) if task in known else None
    for one in of_model(model) if model else ():
        if (one.task, one.model) in way:  # a circle of others, told of at one of them
            continue
        if found := _circle(start, (one.task, one.model), known, read, way):
            return found
    return []


def _file(model: Model, weights: Path) -> Iterator[Mistake]:
    for path in (weights, weights.with_suffix(".json")):
        if not path.is_file():
            yield Mistake(("initial", "weights"), f"{path}: no such file: weights of ours lie beside their model.json")
            return
    yield from _trained(model)


def _trained(model: Model) -> Iterator[Mistake]:
    """Find what nothing of another network can be put into, or at no such rate."""
    if hasattr(ARCHITECTURES.load(model.architecture), "fit"):
        text = f"{model.architecture!r} is not trained by gradients, and begins with nothing"
        yield Mistake(("initial",), text)
    lowest: float = getattr(model.training.schedule, "eta_min", 0.0)
    rate = model.initial.learning_rate if model.initial else None
    if rate is not None and lowest > rate:
        text = f"training.schedule.eta_min {lowest:g} is above it: the schedule would raise it"
        yield Mistake(("initial", "learning_rate"), text)


def _against(one: Reference, model: Model, task: Task, other: TaskFile) -> Iterator[Mistake]:
    """Find what speaks against taking something from a model that there is."""
    yield from _identity(one, task, other.task)
    if one.keys == ("initial",):
        yield from _weights(one, model, task, other)
    else:
        yield from _points(one, model, other.models[one.model])


def _points(one: Reference, model: Model, other: Model) -> Iterator[Mistake]:
    """Find that a search has no points that this one could have."""
    mine = model.tuning.space if model.tuning else {}
    if not other.tuning:
        yield Mistake(one.keys, f"{one.task}/{one.model} has no 'tuning', and so no points")
        return
    theirs = other.tuning.space
    if not (both := mine.keys() & theirs.keys()):
        text = f"{one.task}/{one.model} searches {', '.join(theirs)}, and nothing of that is searched here"
        yield Mistake(one.keys, text)
    elif not any(mine[key].has(value) for key in both for value in theirs[key].examples):
        text = f"no values of {', '.join(sorted(both))} that {one.task}/{one.model} searches are in this space"
        yield Mistake(one.keys, text)


def _weights(one: Reference, model: Model, task: Task, other: TaskFile) -> Iterator[Mistake]:
    """Find what speaks against weights."""
    yield from _trained(model)
    ancestor, initial = other.models[one.model], model.initial
    if initial and initial.layers == EVERY:
        if ancestor.architecture != model.architecture:
            text = f"a {ancestor.architecture}, and this is a {model.architecture}: name the layers that both have"
            yield Mistake((*one.keys, "layers"), f"{one.task}/{one.model} is {text}")
        elif (mine := _taken(model, task)) != (theirs := _taken(ancestor, other.task)):
            names, others = ([str(taken["name"]) for taken in inputs] for inputs in (mine, theirs))
            what = "has its inputs in another order" if sorted(names) == sorted(others) else "has other inputs"
            what = "has other channels" if names == others else what
            text = "weights belong to inputs by their places: name the layers that do not depend on them"
            yield Mistake((*one.keys, "layers"), f"{one.task}/{one.model} {what}, and {text}")


def _taken(model: Model, task: Task) -> list[dict[str, Any]]:
    """The inputs of a model, whether or not they may be missing, which only the train split says in the end."""
    return [one.model_dump(exclude={"missing"}) for one in inputs_of(model, task)]


def _identity(one: Reference, task: Task, other: Task) -> Iterator[Mistake]:
    """Find that nobody could say whether events are in both tasks."""
    wanted = task.group or task.event_id
    if one.known_events == "error" and (lacking := [name for name in wanted if name not in other.event_id]):
        text = (
            f"event_id of {one.task} is without {', '.join(lacking)}, so it cannot be told which events both tasks "
            "have: give both the same event_id or, if no event can be in both, write 'known_events: count'"
        )
        yield Mistake((*one.keys, "known_events"), text)
