"""What a job's path names is in the config, or an error says what is: targets on the command line can be misspelt."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePath

from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint
from snakeroot.plan import ancestors as of_ancestors
from snakeroot.plan import calibrate, figures, generated, tune, variations
from snakeroot.plan import importance as of_inputs
from snakeroot.plan import systematics as of_systematics
from snakeroot.plan import templates as of_templates

ORDER = (
    *("model", "reweighting", "variation", "sample", "part", "fold", "replica", "exported", "round", "trials", "rung"),
    "variable",
)
"""The wildcards that are checked, each after those that it depends on. A task's name is, where its file is read; splits
are three always; a feature is the name of a figure."""


def check(
    project: Project,
    wildcards: Mapping[str, str],
    figure: str | None = None,
    *,
    search: bool = False,
    templates: bool = False,
    calibrated: bool = False,
    importance: bool = False,
    systematics: bool = False,
    ancestors: bool = False,
) -> None:
    """Check what a job is of, that the figure it draws is one of its task's, and that its model is searched, or
    calibrated, that there are templates of it, importances of its inputs, systematics, or ancestors.

    Raises:
        SnakerootError: naming what there is not, and the nearest of what there is.
    """
    of = dict(wildcards)
    where = ""
    if "task" in of:
        project.tasks[of["task"]]
        where = f"{of['task']}: "
    elif "sample" in of:  # a generated one, which all tasks share
        of["task"] = project.generating(of["sample"])
    for name in ORDER:
        if name in of and of[name] not in (known := _known(project, name, of)):
            raise SnakerootError(f"{where}there is no {name} {of[name]!r}: {hint(of[name], known)}")
    if figure and "task" in of:
        drawn = PurePath(figure.format(**of)).stem
        if drawn not in (names := _figures(project, of["task"])):
            raise SnakerootError(f"{where}there is no figure {drawn!r}: {hint(drawn, sorted(names))}")
    if search:
        tune.tuning_of(project, of["task"], of["model"])
    if calibrated:
        calibrate.method(project, of["task"], of["model"])
    if templates:
        of_templates.settings_of(project, of["task"], of["model"])
    if ancestors:
        of_ancestors.check(project, of["task"], of["model"])
    if importance:
        of_inputs.settings_of(project, of["task"])
    if systematics:
        of_systematics.settings_of(project, of["task"])


def _known(project: Project, name: str, of: Mapping[str, str]) -> Collection[str]:
    """What a wildcard can be, given those before it."""
    if name == "variable":
        return generated.variables(project)
    task = of["task"]
    if name == "model":
        return project.models[task]
    if name == "reweighting":
        return project.tasks[task].reweighting
    if name == "variation":
        return project.variations[task]
    if name == "sample":
        return (
            variations.varied(project, task, of["variation"]).samples
            if "variation" in of
            else project.tasks[task].samples
        )
    if name == "part":
        parts = project.varied_parts[task][of["variation"]] if "variation" in of else project.parts[task]
        return parts[of["sample"]]
    if name == "fold":
        return project.folds(task)
    model = of["model"]
    if name == "exported":
        return paths.exported(project.tasks[task].split.folds)
    if name == "replica":
        return _numbers(range(project.models[task][model].replicas))
    tuning = tune.tuning_of(project, task, model)
    if name == "round":
        return _numbers(range(len(tuning.trials())))
    if name == "trials":
        return tuning.jobs(int(of["round"]))
    return _numbers(range(len(tune.rungs(project, task, model))))


@functools.lru_cache(maxsize=100)
def _figures(project: Project, task: str) -> set[str]:
    return {PurePath(one.svg).stem for one in figures.of_task(project, task)}


def _numbers(numbers: Iterable[int]) -> list[str]:
    return [str(number) for number in numbers]
