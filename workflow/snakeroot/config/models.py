"""The models of a task: each one's settings, and what in them does not go with the task, every mistake at its key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, cast

from pydantic import ValidationError, create_model

from snakeroot.config import auxiliary, parameters, spaces, trained_on, weights
from snakeroot.config.model import Model
from snakeroot.config.partial import UnreadError
from snakeroot.config.schema import Task
from snakeroot.errors import SnakerootError, hint
from snakeroot.networks.architectures import ARCHITECTURES
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import of_kind
from snakeroot.networks.objectives import LOSSES, uncertainties
from snakeroot.settings import Mistake, mistakes
from snakeroot.train.settings import Training
from snakeroot.tune.settings import Tuning


def read_model(name: str, values: dict[str, Any], task: Task) -> tuple[Model | None, list[Mistake]]:
    """Check a model's keys: those that all models have, and those of its architecture, side by side.

    Returns:
        The model, if its settings can be read, and what is wrong in it, at the keys below its own.
    """
    if "architecture" not in values:
        return None, [Mistake((), f"no 'architecture': {hint('', ARCHITECTURES.names())}")]
    try:
        module = ARCHITECTURES.load(str(values["architecture"]))
    except SnakerootError as error:
        return None, [Mistake(("architecture",), str(error))]
    try:
        model = cast(Model, create_model(name, __base__=(Model, module.Architecture)).model_validate(values))
    except ValidationError as error:
        return None, mistakes(error)
    wrong = list(_fitted(model, module, values))
    for check in (
        _kind,
        _inputs,
        _metrics,
        _losses,
        _calibration,
        trained_on.mistakes,
        auxiliary.of_model,
        *weights.CHECKS,
        *parameters.CHECKS,
    ):
        with suppress(UnreadError):
            wrong += check(model, module, task)
    if not wrong:  # what settings mean together can be asked where each of them is right
        with suppress(UnreadError):
            wrong += _together(model, module, values, task)
    return model, wrong


def inputs_of(model: Model, task: Task) -> list[Input]:
    """What a model takes: what it names, or all of the kind that its architecture is made for."""
    if model.inputs:
        return [task.inputs[name] for name in model.inputs]
    kind = ARCHITECTURES.load(model.architecture).TAKES[0]
    return [one for one in task.inputs.values() if one.kind == kind]


def architecture_settings(model: Model) -> dict[str, Any]:
    """Return the part of a model's settings that is its architecture's."""
    own = ARCHITECTURES.load(model.architecture).Architecture.model_fields
    return model.model_dump(mode="json", include=set(own))


def trial_training(model: Model) -> Training:
    """Return how the trials of a model's search are trained, but for what is searched."""
    return Training.model_validate(model.training.model_dump() | cast(Tuning, model.tuning).training)


def _kind(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find an architecture that is not made for the kind of task."""
    if task.kind not in module.LEARNS:
        able = [name for name in ARCHITECTURES.names() if task.kind in ARCHITECTURES.load(name).LEARNS]
        text = f"{model.architecture!r} is not for a task of kind {task.kind!r}: {hint('', able)}"
        yield Mistake(("architecture",), text)


def _inputs(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find inputs that there are not, or that the architecture does not take."""
    known = task.inputs
    for place, name in enumerate(model.inputs or []):
        if name not in known:
            yield Mistake(("inputs", place), f"no feature {name!r}: {hint(name, known)}")
        elif known[name].kind not in module.TAKES:
            text = f"{model.architecture!r} does not take the {known[name].kind} {name!r}, but "
            yield Mistake(("inputs", place), f"{text}{' and '.join(module.TAKES)} inputs")
    if not model.inputs and not any(one.kind == module.TAKES[0] for one in known.values()):
        yield Mistake((), f"the task has no {module.TAKES[0]}, which {model.architecture!r} is made for")


def _metrics(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find metrics that a task of this kind does not have."""
    del module
    measured = of_kind(task.kind)
    wanted = [(("training", "monitor"), model.training.monitor)]
    wanted += [
        (("tuning", "objective"), n) for n in (model.tuning.objective if model.tuning else []) if n != "parameters"
    ]
    for keys, name in wanted:
        if name not in measured:
            text = f"{name!r} is not measured in a task of kind {task.kind!r}: {hint(name, measured)}"
            yield Mistake(keys, text)


def _losses(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find a loss of a regression that the architecture does not have."""
    able = getattr(module, "LOSSES", LOSSES)
    if task.kind == "regression" and model.training.loss not in able:
        text = f"a {model.architecture} has {' and '.join(able)}, not {model.training.loss}"
        yield Mistake(("training", "loss"), text)
    if task.kind != "regression" and stated(model):
        text = f"{model.training.loss!r} is of a regression, and this task is {task.kind!r}: leave it out"
        yield Mistake(("training", "loss"), text)


def stated(model: Model) -> list[str]:
    """Return the columns by which a regression says how uncertain it is."""
    return uncertainties(model.training.loss, model.training.quantiles)


def _calibration(model: Model, module: ModuleType, task: Task) -> Iterator[Mistake]:
    """Find a calibration that scores of this kind do not have."""
    del module
    if model.calibration and task.kind not in ("binary", "multiclass"):
        yield Mistake(("calibration",), f"a task of kind {task.kind!r} has no probabilities: leave it out")
    elif model.calibration == "isotonic" and task.kind != "binary":
        text = "an isotonic curve is of signal against background; of several classes there is: temperature"
        yield Mistake(("calibration",), text)


def _fitted(model: Model, module: ModuleType, values: dict[str, Any]) -> Iterator[Mistake]:
    """Find settings that would mean nothing for what is fitted without gradients."""
    if not hasattr(module, "fit"):
        return
    tuning = model.tuning
    given: list[tuple[str | int, ...]] = [("training", key) for key in values.get("training") or {}]
    given += [("tuning", "training", key) for key in (tuning.training if tuning else {})]
    given += [("tuning", "space", key) for key in (tuning.space if tuning else {}) if key.startswith("training.")]
    for keys in given:
        if (last := str(keys[-1]).removeprefix("training.").split(".")[0]) not in module.USES:
            text = f"{model.architecture!r} is not trained by gradients, and of training it uses "
            yield Mistake(keys, f"{text}{' and '.join(module.USES)} alone, not {last}")
    if tuning and tuning.pruning:
        yield Mistake(("tuning", "pruning"), f"{model.architecture!r} is not trained epoch by epoch")


def _together(model: Model, module: ModuleType, values: dict[str, Any], task: Task) -> Iterator[Mistake]:
    """Find what the architecture cannot be built of, at the model's settings or at those that are searched."""
    check = getattr(module, "check", None)
    inputs = inputs_of(model, task) if check else []

    def refused(settings: dict[str, Any]) -> list[Mistake]:
        try:
            made = type(model).model_validate(settings)
        except ValidationError as error:
            return mistakes(error)
        return [*(check(made, inputs) if check else ()), *_losses(made, module, task), *_other(made)]

    def _other(made: Model) -> Iterator[Mistake]:
        """Find trials that predict something else, which has other figures, and no loss to compare."""
        if stated(made) != stated(model):
            text = f"{made.training.loss} does not predict what the model's own {model.training.loss} does"
            yield Mistake(("training", "loss"), text)
        if made.training.auxiliary.keys() != model.training.auxiliary.keys():
            text = "a search may change the weights of further targets, and not which there are"
            yield Mistake(("training", "auxiliary"), text)

    if not model.tuning:
        yield from check(model, inputs) if check else ()
    elif wrong := list(spaces.beyond(model.tuning, values, refused)):
        yield from (one.below("tuning") for one in wrong)
    elif (pruning := model.tuning.pruning) and pruning.minimum_epochs >= (epochs := trial_training(model).max_epochs):
        text = (
            f"{pruning.minimum_epochs} is not below the max_epochs of the trials, {epochs}: there is nothing to prune"
        )
        yield Mistake(("tuning", "pruning", "minimum_epochs"), text)
