"""What the split of a task's rows may know, and its audit."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.features.settings import plain
from snakeroot.jobs.spec import spec
from snakeroot.split.settings import AuditSettings, Predefined, SplitSettings


def split(project: Project, task: str, sample: str, part: str, fold: str) -> str:
    """Of a part of a task, for a fold."""
    known = project.tasks[task]
    settings = SplitSettings(
        fractions=known.split,
        whole=project.splits[task][sample].get(part),
        fold=int(fold),
        group=known.group or known.event_id,
    )
    return spec(settings, "snakeroot.split")


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
        predefined=isinstance(known.split, Predefined) or any(project.splits[task].values()),
    )
    return spec(settings, "snakeroot.split.audit")
