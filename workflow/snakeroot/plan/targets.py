"""What a run is for."""

from __future__ import annotations

from collections.abc import Iterable

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.plan import export, figures, friends, jobs, records, systematics, templates


def of_tasks(project: Project, tasks: Iterable[str]) -> list[str]:
    """Report, records, figures, metrics, models, friends, templates, systematics, and scores of what has no class."""
    names = list(tasks)
    drawn = [one for task in names for one in figures.of_task(project, task)] + figures.of_no_task(project)
    files = [file for one in drawn for file in paths.beside(one.svg).values()]
    numbers = [paths.METRICS.format(task=task) for task in names]
    scored = [task for task in names if project.unlabelled(task)]
    numbers += [path for task in names for path in project.each_model(task, paths.CARD_PAGE)]
    numbers += [path for task in names for path in (*export.of_task(project, task), *friends.of_task(project, task))]
    numbers += [path for task in scored for path in project.each_model(task, paths.COMBINED, split=paths.UNLABELLED)]
    numbers += [path for task in names for path in templates.made(project, task)]
    numbers += [path for task in names for path in systematics.of_task(project, task)]
    return [paths.REPORT, *records.asked_for(project), *numbers, *files]


def all_tasks(project: Project) -> list[str]:
    """The same of all tasks in the folder, with a report of them all.

    Raises:
        SnakerootError: for all mistakes in any of them, or for more jobs than `max_jobs`.
    """
    tasks = project.all_tasks()
    jobs.check(project, tasks)
    return [paths.REPORT_ALL, *of_tasks(project, tasks)]
