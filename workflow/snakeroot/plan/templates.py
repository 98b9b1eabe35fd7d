"""The templates of a model: what they are made from, and what they may know."""

from __future__ import annotations

from collections.abc import Iterable

from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.config.systematics import predicted
from snakeroot.config.variations import background, expected, moved, named, of_templates, signal
from snakeroot.data import paths
from snakeroot.errors import SnakerootError
from snakeroot.jobs.spec import spec
from snakeroot.plan import variations
from snakeroot.systematics.choices import Systematic
from snakeroot.systematics.settings import Uncertainty
from snakeroot.templates.choices import Region
from snakeroot.templates.settings import Filled, FitSettings, TemplatesSettings

INPUTS = (
    *("test", "unlabelled", "validation", "features", "unlabelled_features", "normalisation"),
    *("varied", "varied_features", "varied_normalisations"),
)
"""The options of the command that name what templates are made from."""


def of_task(project: Project, task: str) -> list[str]:
    """The models of a task that have templates: all or none."""
    return list(project.models[task]) if project.tasks[task].templates else []


def made(project: Project, task: str) -> list[str]:
    """The files of all templates of a task."""
    patterns = (paths.HISTOGRAMS, paths.WORKSPACE, paths.YIELDS, paths.FIT)
    return [path for pattern in patterns for path in each(project, task, pattern)]


def each(project: Project, task: str, pattern: str) -> list[str]:
    """The pattern for all models of a task that have templates."""
    return [pattern.format(task=task, model=model) for model in of_task(project, task)]


def inputs(project: Project, task: str, model: str) -> dict[str, list[str]]:
    """The files that the templates of a model are made from, by the option of the command."""
    known, settings = project.tasks[task], settings_of(project, task, model)
    labelled = [name for name in settings.samples if known.labelled(name)]
    unlabelled = [name for name in settings.samples if not known.labelled(name)]
    on_validation = any(region.automatic for region in settings.regions.values())

    def combined(split: str) -> list[str]:
        return [paths.COMBINED.format(task=task, model=model, split=split)]

    def of_samples(samples: Iterable[str]) -> list[str]:
        return [
            paths.FEATURES.format(task=task, sample=sample, part=part)
            for sample in sorted(samples)
            for part in project.parts[task][sample]
        ]

    every = [name for name in known.samples if known.labelled(name)]
    own = [named(name, direction) for name, direction, _ in settings.own]
    return {
        "test": combined("test") if labelled else [],
        "unlabelled": combined(paths.UNLABELLED) if unlabelled else [],
        "validation": combined("validation") if on_validation else [],
        "features": of_samples(every) if settings.columns and labelled else [],
        "unlabelled_features": of_samples(project.unlabelled(task)) if settings.columns and unlabelled else [],
        "normalisation": [paths.NORMALISATION.format(task=task)],
        "varied": [paths.VARIED_COMBINED.format(task=task, model=model, variation=name) for name in own],
        "varied_features": [
            path
            for name, (_, _, shifted) in zip(own, settings.own, strict=True)
            if shifted.parts
            for path in variations.each_part(project, task, name, paths.VARIED_FEATURES)
        ],
        "varied_normalisations": [paths.VARIED_NORMALISATION.format(task=task, variation=name) for name in own],
    }


def templates(project: Project, task: str, model: str) -> str:
    """Of a model."""
    return spec(settings_of(project, task, model), "snakeroot.templates")


def fit(task: str, model: str) -> str:
    """Of a model's workspace."""
    return spec(FitSettings(task=task, model=model), "snakeroot.templates.fit")


def settings_of(project: Project, task: str, model: str) -> TemplatesSettings:
    """The settings of a model's templates.

    Raises:
        SnakerootError: if the task has none.
    """
    known = project.tasks[task]
    if not (given := known.templates):
        raise SnakerootError(f"{task}: there are no templates: the task has no 'templates'")
    bare = TemplatesSettings(
        task=task,
        model=model,
        predicted=predicted(known),
        signal=sorted(signal(known)),
        background=sorted(background(known)),
        data=given.data,
        unsplit=sorted(name for name in expected(known) if not known.labelled(name)),
        recorded=sorted(name for name in expected(known) if known.samples[name].data),
        regions={name: _filled(known, given.regions[name]) for name in sorted(given.regions)},
        uncertainties={name: _uncertainty(known, one) for name, one in sorted(of_templates(known).items())},
        luminosity=given.luminosity_uncertainty,
        negative_bins=given.negative_bins,
    )
    return _with_parts(project, task, bare)


def _filled(known: Task, region: Region) -> Filled:
    """A region; of a probability the bins are from 0 to 1, unless it says otherwise."""
    binning = region.binning
    if not isinstance(binning, list) and binning.range is None and _is_probability(known, region.observable):
        binning = binning.model_copy(update={"range": [0.0, 1.0]})
    return Filled(selection=region.selection, observable=region.observable, binning=binning, control=region.control)


def _is_probability(known: Task, observable: str) -> bool:
    names = predicted(known) if known.kind in ("binary", "multiclass") else []
    return observable in [*names, *(f"branch('{name}')" for name in names)]


def _uncertainty(known: Task, systematic: Systematic) -> Uncertainty:
    samples = [name for name in moved(known, systematic) if name in expected(known)]
    return variations.uncertainty(systematic, samples)


def _with_parts(project: Project, task: str, bare: TemplatesSettings) -> TemplatesSettings:
    """The same with the number of files of each variation whose features are needed."""
    known = variations.with_parts(project, task, bare.uncertainties, bare.columns_of)
    return bare.model_copy(update={"uncertainties": known})
