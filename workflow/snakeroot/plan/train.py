"""What a training may know."""

from __future__ import annotations

from snakeroot.config import parameters
from snakeroot.config.models import architecture_settings
from snakeroot.config.project import Project
from snakeroot.jobs.spec import spec
from snakeroot.plan import ancestors, variations
from snakeroot.train.initial_settings import Ancestor
from snakeroot.train.settings import TrainedAt, TrainSettings


def train(project: Project, task: str, model: str, fold: str, replica: str) -> str:
    """Of one network."""
    settings = training(
        project, task, model, fold, replica, initial=ancestors.of_network(project, task, model, fold, replica)
    )
    return spec(settings, "snakeroot.train", *project.kind_modules(task, model), *project.metric_modules(task, model))


def training(
    project: Project, task: str, model: str, *words: str, until: int | None = None, initial: Ancestor | None = None
) -> TrainSettings:
    """The settings of one network; what they are for is in `words`, from which the seed follows."""
    known = project.models[task][model]
    return TrainSettings(
        trained_at=trained_at(project, task, model),
        kind=project.tasks[task].kind,
        classes=project.tasks[task].classes,
        architecture=known.architecture,
        settings=architecture_settings(known),
        inputs=project.network_inputs(task, model),
        training=known.training,
        others=project.others(task, model),
        reweighting=known.reweighting,
        seed=project.seed("train", task, model, *words),
        mixed=variations.mixed(project, task, model),
        initial=initial,
        until=until,
    )


def trained_at(project: Project, task: str, model: str) -> TrainedAt | None:
    """The points that a model learns from; none of a task without parameters."""
    known = project.tasks[task]
    if not known.parameters:
        return None
    points = parameters.trained(known, project.models[task][model])
    return TrainedAt(parameters=list(known.parameters), points=points, told=project.told(task, model))
