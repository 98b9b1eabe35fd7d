"""What a reweighting is of, and may know."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.evaluate.classified.reweighting import Reweighted
from snakeroot.jobs.spec import spec
from snakeroot.plotting.settings import Variable
from snakeroot.reweight.settings import ReweightSettings


def reweight(project: Project, task: str, reweighting: str) -> str:
    """Of a fold."""
    known = project.tasks[task]
    settings = ReweightSettings(classes=known.classes, reweighting=known.reweighting[reweighting])
    return spec(settings, "snakeroot.reweight")


def of_model(project: Project, task: str, model: str, fold: str) -> list[str]:
    """The factors on the weights that a network is trained with, if there are any."""
    name = project.models[task][model].reweighting
    return [paths.REWEIGHTING.format(task=task, reweighting=name, fold=fold)] if name else []


def names(project: Project, task: str) -> list[str]:
    """The reweightings that models are trained with, in the order of the task file."""
    wanted = {one.reweighting for one in project.models[task].values()}
    return [name for name in project.tasks[task].reweighting if name in wanted]


def used(project: Project, task: str) -> list[str]:
    """Their factors, of the first fold."""
    return [paths.REWEIGHTING.format(task=task, reweighting=name, fold="0") for name in names(project, task)]


def shown(project: Project, task: str) -> list[Reweighted]:
    """The same as figures are told of them."""
    known = project.tasks[task]
    variables = {name: list(known.reweighting[name].variables) for name in names(project, task)}
    return [
        Reweighted(name=name, variables=[Variable(name=one, axis=known.evaluation.axis(one)) for one in of])
        for name, of in variables.items()
    ]


def independent(project: Project, task: str) -> list[str]:
    """The models whose training has a penalty on dependence, or weights of its own."""
    models = project.models[task].items()
    return [name for name, one in models if one.training.decorrelate or one.reweighting]
