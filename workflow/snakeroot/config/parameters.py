"""Physics parameters of a task: the points that its signal has, and what is wrong in what is said of them."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from snakeroot.config.partial import each
from snakeroot.errors import hint
from snakeroot.settings import Mistake
from snakeroot.split.settings import carried

if TYPE_CHECKING:
    from snakeroot.config.model import Model
    from snakeroot.config.schema import Sample, Task


def points(task: Task) -> list[list[float]]:
    """Return the points of the signal, ascending: the combinations of values that its samples have.

    A number is one value; what an expression gives may be any of the task's values of the parameter.
    """
    known = set(task.parameters)
    signal = (sample for sample in task.samples.values() if known and known <= set(sample.parameters))
    return [
        list(point) for point in sorted({point for one in signal for point in itertools.product(*_values(task, one))})
    ]


def _values(task: Task, sample: Sample) -> Iterator[list[float]]:
    for name, values in task.parameters.items():
        given = sample.parameters[name]
        yield values if isinstance(given, str) else [given]


def trained(task: Task, model: Model) -> list[list[float]]:
    """Return the points that a model is trained at: all by default."""
    names = list(task.parameters)
    allowed = model.trained_at or {}
    return [
        point
        for point in points(task)
        if all(value in allowed.get(name, [value]) for name, value in zip(names, point, strict=True))
    ]


def told(task: Task, inputs: Sequence[str]) -> bool:
    """Whether a model with these inputs is told the parameters; it is of all, or of none."""
    return bool(task.parameters) and set(task.parameters) <= set(inputs)


def mistakes(task: Task) -> Iterator[Mistake]:
    """Find all that is wrong in a task."""
    if task.parameters and task.kind != "binary":
        text = f"of a signal that is set against background; this task is {task.kind!r}: leave them out"
        yield Mistake(("parameters",), text)
    if task.parameters and task.templates:
        text = "a network that is told a parameter has a score at each point, and templates are of one: leave them out"
        yield Mistake(("templates",), text)
    for name, values in task.parameters.items():
        yield from _of_parameter(task, name, values)
    for name, sample in each(task.samples):
        yield from (mistake.below("samples", name) for mistake in _of_sample(task, sample))


def _of_parameter(task: Task, name: str, values: list[float]) -> Iterator[Mistake]:
    at = ("parameters", name)
    kept: dict[float, float] = {}
    for place, value in enumerate(values):
        try:
            (single,) = struct.unpack("f", struct.pack("f", value))
        except OverflowError:
            single = math.inf
        if not math.isfinite(single):
            yield Mistake((*at, place), f"{value:g} is beyond float32, which networks take")
        elif (other := kept.setdefault(single, value)) != value or value in values[:place]:
            yield Mistake((*at, place), f"{value!r} is {other!r} in float32, which networks take: give it once")
    had = {point[list(task.parameters).index(name)] for point in points(task)}
    for place, value in enumerate(values if had else ()):
        if value not in had:
            yield Mistake((*at, place), f"no sample of signal has {name} {value:g}: leave it out, or add the sample")
    columns = {*task.features, *task.blocks, *task.spectators, *task.definitions}
    if columns & {name, carried(name)}:
        text = (
            f"the task has a feature, spectator or definition that is called {name!r} or {carried(name)!r}: rename it"
        )
        yield Mistake(at, text)


def _of_sample(task: Task, sample: Sample) -> Iterator[Mistake]:
    at = "parameters"
    if sample.class_name != "signal":
        if sample.parameters:
            text = "values are of samples with 'class: signal'; those of all others are drawn from the signal's"
            yield Mistake((at,), text)
        return
    for name, value in sample.parameters.items():
        if name not in task.parameters:
            known = hint(name, task.parameters) if task.parameters else "the task has no 'parameters'"
            yield Mistake((at, name), f"no parameter {name!r}: {known}")
        elif not isinstance(value, str) and value not in (values := task.parameters[name]):
            known = ", ".join(f"{one:g}" for one in values)
            yield Mistake((at, name), f"{value:g} is none of the task's parameters.{name}, {known}: add it there")
    for name in task.parameters:
        if name not in sample.parameters:
            yield Mistake((at,) if sample.parameters else (), f"it is signal, so give its {name}: parameters.{name}")


def _inputs(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find inputs that are some of the parameters, or are the same for all that the model learns from."""
    names = [name for name in task.parameters if name in (model.inputs or task.parameters)]
    if names and (missing := [name for name in task.parameters if name not in names]):
        text = f"a network is told all parameters, or none: add {' and '.join(missing)}"
        yield Mistake(("inputs",), text)
    if not model.inputs and module.TAKES[0] != "scalar":
        return
    for name, values in zip(task.parameters, zip(*trained(task, model), strict=True), strict=False):
        if name in names and len(set(values)) == 1:
            text = f"{name} is {values[0]:g} in all that it is trained at, so it cannot learn what {name} does: name "
            yield Mistake(("inputs",) if model.inputs else (), f"{text}'inputs' without it, or more points")


def _trained_at(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find points that there are not, and what would learn from those that are left out."""
    del module
    at: tuple[str | int, ...] = ("trained_at",)
    if model.trained_at is None:
        return
    for name, values in model.trained_at.items():
        if name not in task.parameters:
            known = hint(name, task.parameters) if task.parameters else "the task has no 'parameters'"
            yield Mistake((*at, name), f"no parameter {name!r}: {known}")
            return
        for place, value in enumerate(values):
            if value not in task.parameters[name]:
                known = ", ".join(f"{one:g}" for one in task.parameters[name])
                yield Mistake((*at, name, place), f"the signal has no {name} of {value:g}, but {known}")
    if not trained(task, model):
        yield Mistake(at, "no point of the signal is left to train at")
    if model.calibration:
        text = "it is fitted to all points, also to those that 'trained_at' leaves out: leave one of the two out"
        yield Mistake(("calibration",), text)


CHECKS = (_inputs, _trained_at)
"""Of a model."""
