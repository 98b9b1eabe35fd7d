"""What a training may know."""

from __future__ import annotations

from snakeroot.config.models import architecture_settings
from snakeroot.config.project import Project
from snakeroot.jobs.spec import spec
from snakeroot.plan import ancestors, variations
from snakeroot.train.initial_settings import Ancestor
from snakeroot.train.settings import TrainSettings


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
