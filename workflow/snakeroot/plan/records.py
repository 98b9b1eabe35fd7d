"""What other tools are shown of trainings and searches, and what the job that writes it may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.plan import figures, tune
from snakeroot.plan.train import training
from snakeroot.records.formats import FORMATS, missing
from snakeroot.records.settings import ModelEntry, RecordsSettings, SearchEntry, TaskEntry


def asked_for(project: Project) -> list[str]:
    """The records that the config asks for."""
    return [paths.RECORDS.format(format=name) for name in project.config.records]


def check(project: Project) -> None:
    """Check that what the config asks for can be written by this interpreter.

    Raises:
        SnakerootError: naming the packages that are not installed, and how to install them.
    """
    advice = [f"config: records: {name}: {text}" for name in project.config.records if (text := missing(name))]
    if advice:
        raise SnakerootError("\n".join(advice))


def records(project: Project, name: str) -> str:
    """All tasks in one format."""
    tasks = [
        TaskEntry(
            name=task,
            models=[_model(project, task, model) for model in project.models[task]],
            figures=_names(project, task, ""),
        )
        for task in project.tasks
    ]
    return spec(RecordsSettings(format=name, tasks=tasks), "snakeroot.records", FORMATS.module(name))


def _model(project: Project, task: str, model: str) -> ModelEntry:
    return ModelEntry(
        name=model,
        networks=project.each_network(task, model, "fold{fold}-replica{replica}"),
        search=_search(project, task, model) if project.models[task][model].tuning else None,
        figures=_names(project, task, model),
    )


def _search(project: Project, task: str, model: str) -> SearchEntry:
    tuning = tune.tuning_of(project, task, model)
    trial = training(project, task, model, "trial").model_dump(mode="json")
    return SearchEntry(
        objective=tuning.objective,
        settings=trial | {"training": trial["training"] | tuning.training},
        jobs=[list(tuning.jobs(number)) for number in range(len(tuning.trials()))],
        rungs=len(tune.rungs(project, task, model)),
    )


def _names(project: Project, task: str, model: str) -> list[str]:
    return [PurePath(one.svg).stem for one in _figures(project, task, model)]


def _figures(project: Project, task: str, model: str) -> Iterator[figures.Drawn]:
    """The figures about a model; without one, those about none."""
    for one in figures.of_task(project, task):
        if (one.subject if one.figure.subject in ("model", "search") else "") == model:
            yield one


def drawn(project: Project) -> list[str]:
    """The figures in the order of the settings."""
    return [
        paths.beside(one.svg)["png"]
        for task in project.tasks
        for model in ("", *project.models[task])
        for one in _figures(project, task, model)
    ]


def networks(project: Project, pattern: str) -> list[str]:
    """The pattern for the networks of all models, in the order of the settings."""
    return [
        path
        for task in project.tasks
        for model in project.models[task]
        for path in project.each_network(task, model, pattern)
    ]


def searches(project: Project, pattern: str) -> list[str]:
    """The pattern for all searches, in the order of the settings; of a round, that of the last one."""
    return [
        pattern.format(task=task, model=model, round=len(tune.tuning_of(project, task, model).trials()) - 1)
        for task in project.tasks
        for model in tune.searched(project, task)
    ]
