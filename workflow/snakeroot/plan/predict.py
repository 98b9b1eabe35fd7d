"""What is scored, and what predictions may know."""

from __future__ import annotations

from snakeroot.config.parameters import points
from snakeroot.config.project import Project
from snakeroot.jobs.spec import spec
from snakeroot.predict.combine_settings import CombineSettings
from snakeroot.predict.settings import PredictSettings


def predict(project: Project, task: str, model: str) -> str:
    """Of one network and split."""
    known = project.tasks[task]
    settings = PredictSettings(
        kind=known.kind,
        classes=known.classes,
        event_id=known.event_id,
        group=known.group,
        parameters=list(known.parameters),
        points=points(known),
        others=project.others(task, model),
        threads=project.threads(task, model),
    )
    return spec(settings, "snakeroot.predict", *project.kind_modules(task, model))


def combine(project: Project, task: str, model: str) -> str:
    """Of all networks of a model."""
    return spec(CombineSettings(replicas=project.models[task][model].replicas), "snakeroot.predict.combine")
