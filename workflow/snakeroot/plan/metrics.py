"""What is measured of the models of a task."""

from __future__ import annotations

from snakeroot.config import parameters
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.evaluate.measures import MEASURES
from snakeroot.evaluate.metrics_settings import Measured, Metrics
from snakeroot.jobs.spec import spec

OF_BINARY = ("working_points", "background_uncertainty")


def metrics(project: Project, task: str) -> str:
    """Of all models of a task."""
    known = project.tasks[task]
    settings = Metrics(
        task=task,
        kind=known.kind,
        classes=known.classes if known.kind == "multiclass" else [],
        residual=known.evaluation.residual,
        reference=known.evaluation.reference,
        **({name: getattr(known.evaluation, name) for name in OF_BINARY} if known.kind == "binary" else {}),
        yields=known.kind == "binary" and known.luminosity is not None,
        parameters=list(known.parameters),
        points=parameters.points(known),
        models=[
            Measured(
                name=model,
                told=project.told(task, model),
                trained_at=parameters.trained(known, project.models[task][model]),
                networks=len(project.each_network(task, model, paths.METADATA)),
                inputs=project.network_inputs(task, model) if known.kind == "unsupervised" else [],
                clusters=project.clusters(task, model),
                others=project.others(task, model),
            )
            for model in project.models[task]
        ],
        bootstrap=known.evaluation.bootstrap,
        seed=project.seed("bootstrap", task),
    )
    kinds = dict.fromkeys([known.kind, *(one.kind for model in settings.models for one in model.others)])
    return spec(settings, "snakeroot.evaluate.metrics", *map(MEASURES.module, kinds))


def features(project: Project, task: str) -> list[str]:
    """The features of all parts that are split, where the metrics need them."""
    known = project.tasks[task]
    needed = known.kind == "unsupervised" or known.evaluation.reference
    return project.each_part(task, paths.FEATURES, labelled=True) if needed else []


def scalings(project: Project, task: str) -> list[str]:
    """The scaling of each fold, where the metrics need it."""
    needed = project.tasks[task].kind == "unsupervised"
    return [paths.SCALING.format(task=task, fold=fold) for fold in project.folds(task)] if needed else []
