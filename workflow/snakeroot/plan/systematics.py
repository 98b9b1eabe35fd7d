"""What becomes of the numbers of models under systematic variations: from what, and what its job may know."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.config.systematics import predicted
from snakeroot.config.variations import evaluated, moved, named
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.plan import variations
from snakeroot.systematics.kinds import KINDS
from snakeroot.systematics.settings import SystematicsSettings, names_in

INPUTS = (
    *("metrics", "predictions", "features", "normalisation"),
    *("varied", "varied_features", "varied_normalisations"),
)
"""The options of the command that name what it is made from."""


def of_task(project: Project, task: str) -> list[str]:
    """The file of a task that has systematics, or none."""
    return [paths.SYSTEMATICS.format(task=task)] if evaluated(project.tasks[task]) else []


def inputs(project: Project, task: str) -> dict[str, list[str]]:
    """The files that it is made from, by the option of the command."""
    settings = settings_of(project, task)
    own = [named(name, direction) for name, direction, _ in settings.own]
    with_features = [name for name, (_, _, shifted) in zip(own, settings.own, strict=True) if shifted.parts]
    features = project.each_part(task, paths.FEATURES, labelled=True) if settings.columns else []
    return {
        "metrics": [paths.METRICS.format(task=task)],
        "predictions": project.each_model(task, paths.COMBINED, split="test"),
        "features": features,
        "normalisation": [paths.NORMALISATION.format(task=task)],
        "varied": [
            paths.VARIED_COMBINED.format(task=task, model=model, variation=name)
            for model in settings.models
            for name in own
        ],
        "varied_features": [
            path for name in with_features for path in variations.each_part(project, task, name, paths.VARIED_FEATURES)
        ],
        "varied_normalisations": [paths.VARIED_NORMALISATION.format(task=task, variation=name) for name in own],
    }


def systematics(project: Project, task: str) -> str:
    """Of all models of a task."""
    return spec(settings_of(project, task), "snakeroot.systematics", KINDS.module(project.tasks[task].kind))


def settings_of(project: Project, task: str) -> SystematicsSettings:
    """What its job may know.

    Raises:
        SnakerootError: if the task has no systematics.
    """
    known = project.tasks[task]
    if not (wanted := evaluated(known)):
        raise SnakerootError(f"{task}: there are no systematics: the task has none of a sample with a class")
    uncertainties = {
        name: variations.uncertainty(one, [sample for sample in moved(known, one) if known.labelled(sample)])
        for name, one in sorted(wanted.items())
    }
    return SystematicsSettings(
        task=task,
        kind=known.kind,
        classes=known.classes if known.kind in ("binary", "multiclass") else [],
        samples={name: known.samples[name].class_name for name in sorted(known.samples) if known.labelled(name)},
        predicted=predicted(known),
        residual=known.evaluation.residual,
        yields=known.kind == "binary" and known.luminosity is not None,
        models=list(project.models[task]),
        uncertainties=variations.with_parts(project, task, uncertainties, lambda one: names_in([one.weight])),
    )
