"""What the export of a model is of, and may know."""

from __future__ import annotations

import hashlib
import json

from snakeroot.apply.description import Description, Origin, Reading
from snakeroot.config import parameters
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.export.settings import ExportSettings
from snakeroot.features.settings import FeaturesSettings
from snakeroot.jobs.spec import spec
from snakeroot.plan import train
from snakeroot.plan.features import read


def of_task(project: Project, task: str) -> list[str]:
    """The files of all models of a task."""
    return [path for model in project.models[task] for path in of_model(project, task, model)]


def of_model(project: Project, task: str, model: str) -> list[str]:
    """The file of a model, or those of its folds."""
    names = paths.exported(project.tasks[task].split.folds)
    return [paths.ONNX.format(task=task, model=model, exported=name) for name in names]


def networks(project: Project, task: str, model: str, exported: str, pattern: str) -> list[str]:
    """The pattern for the replicas that a file is made from."""
    fold, replicas = _fold(project, task, exported), range(project.models[task][model].replicas)
    return [pattern.format(task=task, model=model, fold=fold, replica=replica) for replica in replicas]


def calibrations(project: Project, task: str, model: str, exported: str) -> list[str]:
    """Those of the replicas, if the model has any."""
    calibrated = project.models[task][model].calibration
    return networks(project, task, model, exported, paths.CALIBRATION) if calibrated else []


def rows(project: Project, task: str, exported: str) -> list[str]:
    """Rows of each sample, to compare an export with its network on: the test split of a part."""
    known, fold = project.tasks[task], _fold(project, task, exported)
    firsts = {sample: next(iter(project.parts[task][sample])) for sample in sorted(known.samples)}
    pattern = paths.fill(paths.SPLIT, task=task, fold=fold, split="test")
    return [paths.fill(pattern, sample=name, part=part) for name, part in firsts.items() if known.labelled(name)]


def export(project: Project, task: str, model: str, exported: str) -> str:
    """Of a model, or of one of its folds."""
    described = description(project, task, model, _fold(project, task, exported))
    settings = ExportSettings(description=described, threads=project.threads(task, model))
    return spec(settings, "snakeroot.export", *project.kind_modules(task, model))


def description(project: Project, task: str, model: str, fold: str) -> Description:
    """What an exported file says of itself, but for what only the weights know."""
    known = project.tasks[task]
    inputs = project.network_inputs(task, model)
    axes = {one.name: known.evaluation.axis(one.name) for one in inputs}
    replicas = range(project.models[task][model].replicas)
    told = project.told(task, model)
    return Description(
        task=task,
        model=model,
        kind=known.kind,
        classes=known.classes,
        inputs=inputs,
        parameters=list(known.parameters) if told else [],
        points=parameters.trained(known, project.models[task][model]) if told else [],
        calibration=project.models[task][model].calibration,
        units={name: axis.unit for name, axis in axes.items() if axis.unit},
        features=_features(project, task, {one.name for one in inputs}),
        samples={sample: _reading(project, task, sample) for sample in sorted(known.samples)},
        split=known.split,
        group=known.group or known.event_id,
        fold=int(fold),
        networks=[_origin(train.train(project, task, model, fold, str(replica))) for replica in replicas],
    )


def _fold(project: Project, task: str, exported: str) -> str:
    return paths.exported(project.tasks[task].split.folds)[exported]


def _sample(project: Project, task: str, sample: str) -> FeaturesSettings:
    part, ntuple = next(iter(project.parts[task][sample].items()))
    return read(project.tasks[task], sample, part, ntuple, None, 1)


def _features(project: Project, task: str, inputs: set[str]) -> FeaturesSettings:
    """How these inputs are computed, of no sample: without what only training and evaluation need."""
    settings = _sample(project, task, min(project.tasks[task].samples))
    blocks = ("features", "images", "sequences", "trees")
    wanted = {kind: {name: one for name, one in getattr(settings, kind).items() if name in inputs} for kind in blocks}
    missing = settings.missing
    if isinstance(missing, dict):
        missing = {name: values for name, values in missing.items() if name in inputs}
    return settings.model_copy(
        update=wanted
        | {
            "definitions": project.tasks[task].definitions,
            "sample": task,
            "part": "applied",
            "target": None,
            "auxiliary": {},
            "weight": None,
            "spectators": [],
            "url": None,
            "limit": None,
            "split": None,
            "aliases": {},
            "selection": None,
            "duplicates": "keep",
            "missing": missing,
        }
    )


def _reading(project: Project, task: str, sample: str) -> Reading:
    settings = _sample(project, task, sample)
    return Reading(tree=settings.tree, aliases=settings.aliases, selection=settings.selection)


def _origin(trained: str) -> Origin:
    known = json.loads(trained)
    digest = hashlib.sha256(trained.encode()).hexdigest()
    return Origin(spec=digest, code=known["code"], packages=known["packages"])
