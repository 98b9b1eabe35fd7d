"""Which figures there are, in the order in which they are read, what each is drawn from and what it may know."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.evaluate.catalogue import WILDCARD, Figure, drawable, figures
from snakeroot.jobs.spec import spec
from snakeroot.plan import calibrate, generated, importance, metrics, reweight, systematics, tune
from snakeroot.plan.facts import About, filled
from snakeroot.plotting.settings import Headline


class Drawn(NamedTuple):
    """One figure.

    Attributes:
        figure: which.
        task: whose; "" of one that belongs to none.
        subject: the model, feature or quantity that it is about; "" of one that is about a whole task.
        other: the target beside the main one that it is about; "" of most.
    """

    figure: Figure
    task: str
    subject: str
    other: str = ""

    @property
    def svg(self) -> str:
        """Its path."""
        named = {WILDCARD[self.figure.subject] or "none": self.subject, "other": self.other}
        return self.figure.svg.format(task=self.task, **named)


def of_task(project: Project, task: str) -> list[Drawn]:
    """The figures of a task."""
    return list(_of_task(project, task))


@functools.lru_cache(maxsize=1000)
def _of_task(project: Project, task: str) -> tuple[Drawn, ...]:
    drawn = (
        Drawn(figure, task, subject, other)
        for figure in drawable()
        for other in _others(project, figure, task)
        for subject in _subjects(project, figure, task, other)
    )
    return tuple(one for one in drawn if one.figure.applies(settings(project, one)))


def _others(project: Project, figure: Figure, task: str) -> list[str]:
    """The targets that a figure is of: "" is the main one."""
    known = project.tasks[task]
    if not figure.other:
        return [""] if known.kind in figure.kinds else []
    return [name for name, one in known.auxiliary.items() if one.kind in figure.kinds and project.learners(task, name)]


def of_no_task(project: Project) -> list[Drawn]:
    """The figures of what was generated."""
    of_variables = (figure for figure in figures().values() if figure.subject == "variable")
    return [Drawn(figure, "", variable) for figure in of_variables for variable in generated.variables(project)]


def _subjects(project: Project, figure: Figure, task: str, other: str) -> list[str]:
    known = project.tasks[task]
    if figure.subject == "task":
        return [""]
    if figure.subject == "model":
        return project.learners(task, other) if other else list(project.models[task])
    if figure.subject == "search":
        return tune.searched(project, task)
    if figure.subject == "block":
        return list(known.blocks)
    if figure.subject == "discriminant":
        return list(known.evaluation.discriminants)
    spectators = [name for name in known.spectators if name in known.evaluation.axes]
    return [*known.features, *spectators, *(["target"] if known.kind == "regression" else [])]


def settings(project: Project, drawn: Drawn) -> Headline:
    """What a figure may know."""
    return drawn.figure.settings.model_validate(filled(About(project, *drawn)))


def figure(project: Project, figure: Figure, task: str = "", subject: str = "", other: str = "") -> str:
    """The spec of a figure."""
    known = settings(project, Drawn(figure, task, subject, other))
    more = project.kind_modules(task, subject) if "network" in figure.reads else []
    more += tune.metric_modules(tune.tuning_of(project, task, subject)) if figure.subject == "search" else []
    return spec(known, *figure.modules, *more)


def subject(wildcards: Mapping[str, str]) -> str:
    """The subject of a figure, from the wildcards of its path."""
    return next((wildcards[name] for name in WILDCARD.values() if wildcards.get(name)), "")


def files(project: Project, name: str, wildcards: Mapping[str, str]) -> list[str]:
    """What a figure is drawn from under a name of `snakeroot.evaluate.reads`, from the wildcards of its path."""
    task, other = wildcards.get("task", ""), wildcards.get("other", "")
    if other and name == "measured":  # of the reference, which is one of the main target
        return []
    if other and name == "predictions":
        models = project.learners(task, other)
        return [paths.COMBINED.format(task=task, model=model, split="test") for model in models]
    return FILES[name](project, task, subject(wildcards))


Files = Callable[[Project, str, str], list[str]]


def _of(pattern: str) -> Files:
    """The pattern for a task and a model."""

    def files(project: Project, task: str, model: str) -> list[str]:
        del project
        return [pattern.format(task=task, model=model)]

    return files


def _combined(split: str) -> Files:
    """What was predicted in a split by a model or, for what is of no model, by all models of a task."""

    def files(project: Project, task: str, model: str) -> list[str]:
        models = [model] if model in project.models[task] else project.models[task]
        return [paths.COMBINED.format(task=task, model=name, split=split) for name in models]

    return files


def _scored(project: Project, task: str, model: str) -> list[str]:
    """What a model says of the test split and, if there are any, of samples without a class."""
    splits = ["test", *([paths.UNLABELLED] if project.unlabelled(task) else [])]
    return [paths.COMBINED.format(task=task, model=model, split=split) for split in splits]


def _histories(project: Project, task: str, model: str) -> list[str]:
    """Of a model, or of all models of a task that are trained by gradients."""
    models = [model] if model else project.trained(task)
    return [path for name in models for path in project.each_network(task, name, paths.HISTORY)]


def _network(project: Project, task: str, model: str) -> list[str]:
    """The first network of a model."""
    patterns = (paths.WEIGHTS, paths.METADATA, *calibrate.of_network(project, task, model))
    return [paths.fill(pattern, task=task, model=model, fold="0", replica="0") for pattern in patterns]


def _ntuples(project: Project, task: str, variable: str) -> list[str]:
    del task
    return [path for _, path in generated.ntuples(project, variable)]


FILES: dict[str, Files] = {
    "predictions": _combined("test"),
    "train": _combined("train"),
    "test": _combined("test"),
    "scored": _scored,
    "metrics": _of(paths.METRICS),
    "features": lambda project, task, _: project.each_part(task, paths.FEATURES, labelled=False),
    "measured": lambda project, task, _: metrics.features(project, task),
    "columns": lambda project, task, _: project.each_part(task, paths.FEATURES, labelled=True),
    "normalisation": _of(paths.NORMALISATION),
    "factors": lambda project, task, _: reweight.used(project, task),
    "events": lambda project, task, _: project.each_part(task, paths.SPLIT, labelled=True, split="test", fold="0"),
    "histories": _histories,
    "metadata": lambda project, task, model: project.each_network(task, model, paths.METADATA),
    "network": _network,
    "trials": tune.finished,
    "best": _of(paths.BEST),
    "templates": lambda _, task, model: [paths.YIELDS.format(task=task, model=model)],
    "importances": importance.of_models,
    "systematics": lambda project, task, _: systematics.of_task(project, task),
    "ntuples": _ntuples,
}
"""Of each name in `snakeroot.evaluate.reads`, the files for a task and a subject; records are those of jobs, which no
rule makes.
"""
