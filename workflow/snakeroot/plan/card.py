"""What a model's card may know."""

from __future__ import annotations

from snakeroot.card.settings import CardSettings, SampleFacts
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.evaluate.reported import REPORTED
from snakeroot.jobs.spec import spec
from snakeroot.plan import export
from snakeroot.plan.features import read


def card(project: Project, task: str, model: str) -> str:
    """Of a model."""
    known = project.tasks[task]
    settings = CardSettings(
        description=export.description(project, task, model, "0"),
        samples={sample: _facts(project, task, sample) for sample in sorted(known.samples)},
        spectators=known.spectators,
        luminosity=known.luminosity,
        exported=export.of_model(project, task, model),
        scored=_scored(project, task),
        provenance=[paths.provenance(path) for path in project.each_network(task, model, paths.METADATA)],
    )
    return spec(settings, "snakeroot.card", *map(REPORTED.module, project.kinds(task, model)))


def _facts(project: Project, task: str, sample: str) -> SampleFacts:
    of_sample = project.tasks[task].samples[sample]
    part, ntuple = next(iter(project.parts[task][sample].items()))
    settings = read(project.tasks[task], sample, part, ntuple, None, 1)
    return SampleFacts(
        class_name=of_sample.class_name,
        files=list(project.parts[task][sample].values()),
        checksums=project.checksums[task][sample],
        weight=settings.weight,
        selection=settings.selection,
    )


def _scored(project: Project, task: str) -> list[str]:
    """An ntuple of the task, the first one of its first sample, and what has to be said to read it."""
    sample = min(project.tasks[task].samples)
    readings = list(export.description(project, task, next(iter(project.models[task])), "0").samples.values())
    alike = all(reading == readings[0] for reading in readings)
    ntuple = next(iter(project.parts[task][sample].values()))
    return [ntuple] if alike else ["--sample", sample, ntuple]
