"""What a report is made from, and may know: that of the tasks which the config names, and that of all in the folder."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.evaluate.reported import REPORTED
from snakeroot.jobs.spec import PACKAGE, spec
from snakeroot.networks.inputs import Input
from snakeroot.networks.metrics import METRICS, of_kind
from snakeroot.plan import export, features, figures, metrics, systematics, templates, train, tune
from snakeroot.report.settings import FigureEntry, ModelEntry, ReportSettings, SampleEntry, SearchEntry, Section


def report(project: Project, tasks: Collection[str]) -> str:
    """The report of some tasks."""
    settings = ReportSettings(
        title="Snakeroot",
        seed=project.config.seed,
        version=_version(),
        sections=[_section(project, task) for task in tasks],
        figures=[_entry(one) for one in figures.of_no_task(project)],
    )
    kinds = {kind for task in tasks for model in project.models[task] for kind in project.kinds(task, model)}
    return spec(settings, "snakeroot.report", *(REPORTED.module(kind) for kind in sorted(kinds)))


def inputs(project: Project, tasks: Iterable[str]) -> dict[str, list[str]]:
    """The files that it is made from, by the option of the command; those of the config and captions are not here."""
    names = list(tasks)
    searches = [(task, model) for task in names for model in tune.searched(project, task)]
    return {
        "metrics": [paths.METRICS.format(task=task) for task in names],
        "audits": [paths.AUDIT.format(task=task) for task in names],
        "normalisations": [paths.NORMALISATION.format(task=task) for task in names],
        "cut_flows": [path for task in names for path in project.each_part(task, paths.CUT_FLOW, labelled=False)],
        "trials": [path for task, model in searches for path in tune.finished(project, task, model)],
        "best": [path for task, model in searches for path in tune.tuned(project, task, model)],
        "templates": [path for task in names for path in templates.each(project, task, paths.YIELDS)],
        "fit_results": [path for task in names for path in templates.each(project, task, paths.FIT)],
        "systematics": [path for task in names for path in systematics.of_task(project, task)],
        "cards": [path for task in names for path in project.each_model(task, paths.CARD)],
        "figures": [one.svg for one in shown(project, names)],
    }


def shown(project: Project, tasks: Iterable[str]) -> list[figures.Drawn]:
    """The figures in the report, task by task, and then those of no task."""
    return [one for task in tasks for one in _of_task(project, task)] + figures.of_no_task(project)


def captions(project: Project, tasks: Iterable[str]) -> list[str]:
    """The names of the captions of these figures."""
    return sorted({one.figure.name for one in shown(project, tasks)})


def configs(project: Project, tasks: Iterable[str]) -> list[str]:
    """The files of the tasks, which the report shows as they are."""
    return [f"{project.config.task_folder}/{task}.yaml" for task in tasks]


def _section(project: Project, task: str) -> Section:
    known = project.tasks[task]
    return Section(
        task=task,
        kind=known.kind,
        target=known.evaluation.axis("target").label if known.kind == "regression" else "",
        inputs=_counted(project, task),
        samples=[SampleEntry(name=name, class_name=sample.class_name) for name, sample in known.samples.items()],
        models=[_model(project, task, name) for name in project.models[task]],
        packages=_packages(project, task),
        rows=known.row_name,
        parts=sum(len(parts) for parts in project.parts[task].values()),
        searches=[_search(project, task, model) for model in tune.searched(project, task)],
        templates=templates.of_task(project, task),
        systematics=bool(systematics.of_task(project, task)),
        figures=[_entry(one) for one in _of_task(project, task)],
    )


def _counted(project: Project, task: str) -> dict[str, int]:
    """How many inputs of each kind the models of a task take together."""
    taken = {one.name: one for model in project.models[task] for one in project.network_inputs(task, model)}
    kinds = [_called(one) for one in taken.values()]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def _called(one: Input) -> str:
    return "feature" if one.kind == "scalar" else one.kind


def _model(project: Project, task: str, model: str) -> ModelEntry:
    return ModelEntry(
        name=model,
        architecture=project.models[task][model].architecture,
        exported=[_from_page(path) for path in export.of_model(project, task, model)],
    )


def _from_page(path: str) -> str:
    return PurePath(os.path.relpath(path, PurePath(paths.REPORT).parent)).as_posix()


def _packages(project: Project, task: str) -> dict[str, str]:
    """The versions of what read, trained and measured: those of the first of the jobs that are alike."""
    sample, parts = min(project.parts[task].items())
    specs = [features.features(project, task, sample, next(iter(parts))), metrics.metrics(project, task)]
    specs += [train.train(project, task, model, "0", "0") for model in project.models[task]]
    versions: dict[str, str] = {}
    for text in specs:
        versions |= json.loads(text)["packages"]
    return dict(sorted(versions.items()))


def _version() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:  # a clone that is not installed
        return ""


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
        timelines=[_from_page(svg) for svg in of_times],
    )


def _entry(drawn: figures.Drawn) -> FigureEntry:
    subject = ", ".join(filter(None, (drawn.subject, drawn.other)))
    return FigureEntry(kind=drawn.figure.name, title=drawn.figure.title, subject=subject)
