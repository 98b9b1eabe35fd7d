"""What the report may know."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.evaluate.reported import REPORTED
from snakeroot.jobs.spec import spec
from snakeroot.networks.metrics import METRICS, of_kind
from snakeroot.plan import figures, templates, tune
from snakeroot.report.settings import FigureEntry, ReportSettings, SampleEntry, SearchEntry, Section


def report(project: Project) -> str:
    """The one report."""
    sections = [
        Section(
            task=task,
            kind=known.kind,
            samples=[SampleEntry(name=name, class_name=sample.class_name) for name, sample in known.samples.items()],
            rows=known.row_name,
            parts=sum(len(parts) for parts in project.parts[task].values()),
            cards=len(project.models[task]),
            searches=[_search(project, task, model) for model in tune.searched(project, task)],
            templates=templates.of_task(project, task),
            figures=[_entry(one) for one in _of_task(project, task)],
        )
        for task, known in project.tasks.items()
    ]
    general = [_entry(one) for one in figures.of_no_task(project)]
    settings = ReportSettings(title="Snakeroot", sections=sections, figures=general)
    kinds = {known.kind for known in project.tasks.values()}
    return spec(settings, "snakeroot.report", *(REPORTED.module(kind) for kind in sorted(kinds)))


def shown(project: Project) -> list[figures.Drawn]:
    """The figures in the report, task by task, and then those of no task."""
    return [one for task in project.tasks for one in _of_task(project, task)] + figures.of_no_task(project)


def _of_task(project: Project, task: str) -> list[figures.Drawn]:
    """Those of times are not among them, as they differ in every run."""
    return [one for one in figures.of_task(project, task) if not one.figure.timed]


def _search(project: Project, task: str, model: str) -> SearchEntry:
    tuning = tune.tuning_of(project, task, model)
    of_times = [one.svg for one in figures.of_task(project, task) if one.figure.timed and one.subject == model]
    return SearchEntry(
        model=model,
        sampler=tuning.sampler.name,
        objective=list(tuning.objective),
        metrics={name: METRICS.load(name).TITLE for name in of_kind(project.tasks[task].kind)},
        timelines=[f"../{svg}" for svg in of_times],
    )


def _entry(drawn: figures.Drawn) -> FigureEntry:
    return FigureEntry(kind=drawn.figure.name, title=drawn.figure.title, subject=drawn.subject)
