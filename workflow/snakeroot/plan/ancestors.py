"""The networks that others begin with, and the events that these have learned from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import NamedTuple

from snakeroot.config import references
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.split.ancestry_settings import AncestrySettings, TestedFold
from snakeroot.split.ancestry_settings import Learned as LearnedSettings
from snakeroot.train.initial_settings import Ancestor, Initial, Transfer


class Network(NamedTuple):
    """One network of a model."""

    task: str
    model: str
    fold: str
    replica: str

    @property
    def name(self) -> str:
        """What it is called in files and messages."""
        return f"{self.task}/{self.model}/fold{self.fold}-replica{self.replica}"


def initial_of(project: Project, task: str, model: str) -> Initial | None:
    """What a model begins with, if it does."""
    return project.models[task][model].initial


def is_own(project: Project, task: str, model: str) -> bool:
    """Whether a model begins with a user's own file."""
    initial = initial_of(project, task, model)
    return initial is not None and initial.weights is not None


def network(project: Project, task: str, model: str, fold: str = "0", replica: str = "0") -> Network | None:
    """The network that one begins with: of the same fold and replica, where the ancestor has these, else the first."""
    initial = initial_of(project, task, model)
    if not (initial and initial.model):
        return None
    of_task, of_model = initial.model.split("/")
    folds, replicas = project.folds(of_task), range(project.models[of_task][of_model].replicas)
    return Network(of_task, of_model, fold if fold in folds else "0", replica if int(replica) in replicas else "0")


def files(project: Project, task: str, model: str, fold: str = "0", replica: str = "0") -> list[str]:
    """The weights and the metadata that a network begins with; none of one that is drawn at random."""
    initial = initial_of(project, task, model)
    if initial and initial.weights:
        return [initial.weights, str(PurePath(initial.weights).with_suffix(".json"))]
    if not (one := network(project, task, model, fold, replica)):
        return []
    return [pattern.format(**one._asdict()) for pattern in (paths.WEIGHTS, paths.METADATA)]


def of_network(project: Project, task: str, model: str, fold: str = "0", replica: str = "0") -> Ancestor | None:
    """What a training may know of the network that it begins with."""
    if not (initial := initial_of(project, task, model)):
        return None
    one = network(project, task, model, fold, replica)
    how = initial.model_dump(include=set(Transfer.model_fields))
    return Ancestor(name=one.name if one else str(initial.weights), **how)


def with_referred(project: Project, tasks: Iterable[str]) -> list[str]:
    """These tasks, and those that their models take something from, directly or not."""
    names = list(tasks)
    for name in names:  # which grows meanwhile
        names += [other for other in references.tasks(project.models[name]) if other not in names]
    return names


def check(project: Project, task: str, model: str) -> None:
    """Check that a model takes something from others.

    Raises:
        SnakerootError: if it does not.
    """
    if not audits(project, task, model):
        raise SnakerootError(f"{task}: the model {model!r} takes nothing from others")


def audits(project: Project, task: str, model: str) -> list[str]:
    """The audit of what a model has from others, if it has anything."""
    known = project.models[task][model]
    there = known.initial or any(references.of_model(known))
    return [paths.ANCESTRY.format(task=task, model=model)] if there else []


class Learned(NamedTuple):
    """The splits of a fold of a task that something was learned from."""

    name: str
    task: str
    fold: str
    allowed: bool


def of_fold(project: Project, task: str, model: str, fold: str) -> list[Learned]:
    """All that the networks of a fold have learned before, by way of their ancestors and of the ancestors of these.

    Whether shared events are allowed is said where the model itself refers to others, of whatever comes that way.
    """
    known, found = project.models[task][model], list[Learned]()
    if known.initial and known.initial.weights:
        found.append(Learned(known.initial.weights, "", "", allowed=True))
    for one in references.of_model(known):
        searched = one.keys != ("initial",)
        if searched and fold != "0":  # a search is of fold 0, whose test split alone it must not have seen
            continue
        allowed = one.known_events == "count"
        there = None if searched else network(project, task, model, fold)
        at = there.fold if there else "0"
        found.append(Learned(f"{one.task}/{one.model}/fold{at}", one.task, at, allowed))
        found += [further._replace(allowed=allowed) for further in of_fold(project, one.task, one.model, at)]
    return list({one.name: one for one in found}.values())


def tested(project: Project, task: str, model: str) -> list[str]:
    """The test splits that are audited, fold by fold."""
    return [path for fold in _folds(project, task, model) for path in _tested(project, task, fold)]


def learned(project: Project, task: str, model: str) -> list[str]:
    """What its ancestors have learned from, fold by fold, ancestor by ancestor."""
    return [
        path
        for fold in _folds(project, task, model)
        for one in of_fold(project, task, model, fold)
        for path in _learned(project, task, one)
    ]


def ancestry(project: Project, task: str, model: str) -> str:
    """Of the audit of a model's ancestors."""
    folds = [
        TestedFold(
            fold=int(fold),
            files=len(_tested(project, task, fold)),
            ancestors=[
                LearnedSettings(name=one.name, allowed=one.allowed, files=len(_learned(project, task, one)))
                for one in of_fold(project, task, model, fold)
            ],
        )
        for fold in _folds(project, task, model)
    ]
    settings = AncestrySettings(name=f"{task}/{model}", identity=_identity(project, task), folds=folds)
    return spec(settings, "snakeroot.split.ancestry")


def _folds(project: Project, task: str, model: str) -> list[str]:
    return [fold for fold in project.folds(task) if of_fold(project, task, model, fold)]


def _tested(project: Project, task: str, fold: str) -> list[str]:
    return project.each_part(task, paths.SPLIT, labelled=True, split="test", fold=fold)


def _identity(project: Project, task: str) -> list[str]:
    return project.tasks[task].group or project.tasks[task].event_id


def _learned(project: Project, task: str, one: Learned) -> list[str]:
    """None of a file of the user's, nor where the ancestor's tables lack what identifies events here."""
    if not one.task or not set(_identity(project, task)) <= set(project.tasks[one.task].event_id):
        return []
    splits = ("train", "validation")
    return [
        path
        for split in splits
        for path in project.each_part(one.task, paths.SPLIT, labelled=True, split=split, fold=one.fold)
    ]
