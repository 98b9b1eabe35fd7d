"""Whose inputs have importances, what these are computed from, and what their jobs may know."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.importance.kinds import KINDS
from snakeroot.importance.settings import ImportanceSettings
from snakeroot.jobs.spec import spec


def models(project: Project, task: str) -> list[str]:
    """The models of a task whose inputs have importances: all, or none."""
    known = project.tasks[task]
    return list(project.models[task]) if known.evaluation.importance and known.kind in KINDS.names() else []


def of_models(project: Project, task: str, model: str = "") -> list[str]:
    """The file of a model, or those of all models of a task that have one."""
    return [paths.IMPORTANCE.format(task=task, model=name) for name in models(project, task) if model in ("", name)]


def rows(project: Project, task: str) -> list[str]:
    """The test split of all folds, one after the other."""
    of_folds = (project.each_part(task, paths.SPLIT, labelled=True, split="test", fold=f) for f in project.folds(task))
    return [path for of_fold in of_folds for path in of_fold]


def settings_of(project: Project, task: str) -> ImportanceSettings:
    """What the jobs of a task may know.

    Raises:
        SnakerootError: if there are none.
    """
    known = project.tasks[task]
    wanted = known.evaluation.importance
    if known.kind not in KINDS.names():
        raise SnakerootError(f"{task}: inputs of a task of kind {known.kind!r} have no importance: it has no targets")
    if wanted is None:
        raise SnakerootError(f"{task}: there are no importances, as evaluation.importance says")
    return ImportanceSettings(
        kind=known.kind,
        group=known.group or known.event_id,
        rows=wanted.rows,
        repeats=wanted.repeats,
        occluded=wanted.occluded,
        seed=project.seed("importance", task),
    )


def importance(project: Project, task: str) -> str:
    """Of any model of a task."""
    return spec(settings_of(project, task), "snakeroot.importance", KINDS.module(project.tasks[task].kind))
