"""What the split of a task's rows may know, and its audit."""

from __future__ import annotations

from collections.abc import Sequence

from snakeroot.config.parameters import points
from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.data import names
from snakeroot.features.settings import plain
from snakeroot.jobs.spec import spec
from snakeroot.split.settings import AuditSettings, Drawn, Parameters, Predefined, SplitSettings


def split(project: Project, task: str, sample: str, part: str, fold: str) -> str:
    """Of a part of a task, for a fold."""
    known, whole = project.tasks[task], project.splits[task][sample].get(part)
    settings = SplitSettings(
        parameters=parameters(project, task, sample),
        fractions=known.split,
        whole="test" if project.is_unsplit(task, sample) else whole,
        fold=int(fold),
        group=known.group or known.event_id,
    )
    return spec(settings, "snakeroot.split")


def parameters(project: Project, task: str, sample: str) -> Parameters | None:
    """The physics parameters of a sample; none of a task without."""
    known = project.tasks[task]
    if not known.parameters:
        return None
    given = {
        name: known.parameters[name] if isinstance(value, str) else value
        for name, value in known.samples[sample].parameters.items()
    }
    drawn = Drawn(points=points(known), seed=project.seed("parameters", task))
    return Parameters(names=list(known.parameters), given=given, drawn=None if given else drawn)


def audit(project: Project, task: str) -> str:
    """Of all parts and folds of a task."""
    known = project.tasks[task]
    classes = {name: sample.class_name or name for name, sample in known.samples.items() if known.labelled(name)}
    settings = AuditSettings(
        folds=known.split.folds,
        event_id=known.event_id,
        group=known.group,
        objects=known.rows is not None,
        classes=classes,
        duplicates=known.duplicates,
        branches=plain(known, known.spectators),
        features=sorted(known.features),
        named=suspected(known),
        compared=list(compared(known.classes)),
        predefined=isinstance(known.split, Predefined) or any(project.splits[task].values()),
    )
    return spec(settings, "snakeroot.split.audit")


def suspected(known: Task) -> dict[str, names.Role]:
    """Features that are a weight, as the task says, or by their names a weight or a part of an event's identity.

    What tells events apart in event_id may be physics, where there is no event number.
    """
    weights = {sample.weight or known.weight for sample in known.samples.values()}
    roles: dict[str, names.Role] = {}
    for name, branch in plain(known, ()).items():
        if role := "weight" if branch in weights else names.role(branch):
            roles[name] = role
    return roles


def compared(classes: Sequence[str]) -> Sequence[str]:
    """Return the classes that are set against all others: of two, the one says it all."""
    return classes[1:] if len(classes) == 2 else classes
