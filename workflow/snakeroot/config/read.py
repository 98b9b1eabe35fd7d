"""YAML to checked models: every mistake with the file and the keys where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError, create_model

from snakeroot.architectures import ARCHITECTURES
from snakeroot.config.schema import Config, Model, Task
from snakeroot.errors import SnakerootError, hint
from snakeroot.objectives import METRICS
from snakeroot.settings import explain
from snakeroot.train.settings import Training
from snakeroot.tune.settings import Tuning
from snakeroot.tune.space import applied, probes


class _Loader(yaml.SafeLoader):
    """YAML that refuses a key written twice: the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = []
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":  # `<<: *other`, whose keys may stand here again
                continue
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.append(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def read_config(values: Mapping[str, Any], files: Iterable[Path]) -> Config:
    """Check what Snakemake read from config files and the command line, and the files for keys written twice."""
    for path in files:
        _read_yaml(path)
    try:
        return Config.model_validate(dict(values))
    except ValidationError as error:
        raise SnakerootError(explain(error, "config")) from error


def read_task(name: str, folder: Path) -> tuple[Task, dict[str, Model]]:
    """Read and check one task file and the models in it."""
    path = folder / f"{name}.yaml"
    if not path.exists():
        known = sorted(file.stem for file in folder.glob("*.yaml"))
        raise SnakerootError(f"{path}: no such task file: {hint(name, known)}")
    values = _read_yaml(path)
    if not isinstance(values, dict):
        what = "the file is empty" if values is None else "not a mapping of keys to values"
        raise SnakerootError(f"{path}: {what}; docs/config.md has the keys of a task")
    try:
        task = Task.model_validate(values)
    except ValidationError as error:
        raise SnakerootError(explain(error, str(path))) from error
    return task, {model: _read_model(path, model, given, task) for model, given in task.models.items()}


def _read_yaml(path: Path) -> Any:
    try:
        return _Loader(path.read_text(encoding="utf-8")).get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SnakerootError(f"{path}: cannot be read as YAML: {error}") from error


def _read_model(path: Path, name: str, values: dict[str, Any], task: Task) -> Model:
    """Check a model's keys: those that all models have, and those of its architecture, side by side."""
    where = f"{path}: models.{name}"
    if "architecture" not in values:
        raise SnakerootError(f"{where}: no 'architecture': {hint('', ARCHITECTURES.names())}")
    try:
        architecture = ARCHITECTURES.load(str(values["architecture"])).Architecture
    except SnakerootError as error:
        raise SnakerootError(f"{where}.architecture: {error}") from error
    try:
        model = cast(Model, create_model(name, __base__=(Model, architecture)).model_validate(values))
    except ValidationError as error:
        raise SnakerootError(explain(error, str(path), ("models", name))) from error
    if model.tuning:
        _check_space(f"{where}.tuning", model, values)
    _check_inputs(where, model, task)
    _check_fitted(where, model, [*(values.get("training") or {}), *(model.tuning.training if model.tuning else {})])
    measured = METRICS[task.kind]
    wanted = {"training.monitor": [model.training.monitor]}
    if model.tuning:
        wanted["tuning.objective"] = [name for name in model.tuning.objective if name != "parameters"]
    for key, names in wanted.items():
        for metric in names:
            if metric not in measured:
                raise SnakerootError(
                    f"{where}.{key}: {metric!r} is not measured in a task of kind {task.kind!r}: "
                    f"{hint(metric, measured)}"
                )
    return model


def _check_fitted(where: str, model: Model, given: list[str]) -> None:
    """Check that what is fitted without gradients is given no setting that would mean nothing for it."""
    module = ARCHITECTURES.load(model.architecture)
    if hasattr(module, "fit"):
        searched = [key.split(".")[1] for key in (model.tuning.space if model.tuning else {}) if "." in key]
        for key in (*given, *searched):
            if key not in module.USES:
                raise SnakerootError(
                    f"{where}.training.{key}: {model.architecture!r} is not trained by gradients, and uses "
                    f"{' and '.join(module.USES)} alone"
                )
        if model.tuning and model.tuning.pruning:
            raise SnakerootError(f"{where}.tuning.pruning: {model.architecture!r} is not trained epoch by epoch")


def _check_inputs(where: str, model: Model, task: Task) -> None:
    """Check that the architecture is made for the kind of task, and for the inputs that it is given."""
    module, known = ARCHITECTURES.load(model.architecture), task.inputs
    if task.kind not in module.LEARNS:
        able = [name for name in ARCHITECTURES.names() if task.kind in ARCHITECTURES.load(name).LEARNS]
        raise SnakerootError(
            f"{where}.architecture: {model.architecture!r} is not for a task of kind {task.kind!r}: {hint('', able)}"
        )
    for name in model.inputs or []:
        if name not in known:
            raise SnakerootError(f"{where}.inputs: no feature {name!r}: {hint(name, known)}")
        if known[name].kind not in module.TAKES:
            raise SnakerootError(
                f"{where}.inputs: {model.architecture!r} does not take the {known[name].kind} {name!r}, but "
                f"{' and '.join(module.TAKES)} inputs"
            )
    if not model.inputs and not any(one.kind == module.TAKES[0] for one in known.values()):
        raise SnakerootError(f"{where}: the task has no {module.TAKES[0]}, which {model.architecture!r} is made for")


def _check_space(where: str, model: Model, values: dict[str, Any]) -> None:
    """Check that the model takes all that a search may propose, from one end of each range to the other."""
    tuning = cast(Tuning, model.tuning)
    fixed = {key: value for key, value in values.items() if key not in ("tuning", "inputs", "replicas")}
    fixed["training"] = {**(fixed.get("training") or {}), **tuning.training}
    for key, point in [("training", {}), *probes(tuning.space)]:
        if key.split(".")[0] in ("architecture", "inputs", "replicas", "tuning"):
            raise SnakerootError(f"{where}.space.{key}: not a setting of the architecture or the training")
        try:
            type(model).model_validate(applied(fixed, point))
        except ValidationError as error:
            place = f"{where}.space.{key}: {point[key]!r} is refused" if point else f"{where}.training is refused"
            raise SnakerootError(explain(error, place)) from error
    epochs = trial_training(model).max_epochs
    if tuning.pruning and tuning.pruning.minimum_epochs >= epochs:
        raise SnakerootError(
            f"{where}.pruning.minimum_epochs: {tuning.pruning.minimum_epochs} is not below the "
            f"max_epochs of the trials, {epochs}: there is nothing to prune"
        )


def trial_training(model: Model) -> Training:
    """Return how the trials of a model's search are trained, but for what is searched."""
    own = cast(Tuning, model.tuning).training
    return Training.model_validate(model.training.model_dump() | own)


def architecture_settings(model: Model) -> dict[str, Any]:
    """Return the part of a model's settings that is its architecture's."""
    own = ARCHITECTURES.load(model.architecture).Architecture.model_fields
    return model.model_dump(mode="json", include=set(own))
