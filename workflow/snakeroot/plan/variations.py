"""Systematic variations with rows of their own: what their jobs are made from, and what they may know.

Each is a task of its own, as far as its rows are read; the networks that score them are those of the task.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.config.variations import Varied, chosen, named
from snakeroot.data import paths
from snakeroot.errors import SnakerootError, hint
from snakeroot.features.settings import Normalisation, NormaliseSettings
from snakeroot.features.transfers import remote
from snakeroot.jobs.spec import spec
from snakeroot.plan import features as nominal
from snakeroot.plan.split import parameters
from snakeroot.split.settings import SplitSettings
from snakeroot.systematics.choices import Systematic, Variation
from snakeroot.systematics.settings import Shifted, Uncertainty
from snakeroot.train.settings import Mixed


def varied(project: Project, task: str, variation: str) -> Varied:
    """The variation of this name.

    Raises:
        SnakerootError: if there is none.
    """
    if variation not in (known := project.variations[task]):
        raise SnakerootError(f"{task}: there is no variation {variation!r}: {hint(variation, known)}")
    return known[variation]


def uncertainty(systematic: Systematic, samples: list[str]) -> Uncertainty:
    """What jobs may know of an uncertainty, of these samples."""

    def shifted(variation: Variation | None) -> Shifted | None:
        if variation is None:
            return None
        return Shifted(weight=variation.weight, own=variation.own, generated=variation.generated is not None)

    return Uncertainty(
        samples=samples,
        normalisation=systematic.normalisation,
        up=shifted(systematic.up),
        down=shifted(systematic.down),
    )


def with_parts(
    project: Project,
    task: str,
    uncertainties: Mapping[str, Uncertainty],
    columns_of: Callable[[Shifted], Collection[str]],
) -> dict[str, Uncertainty]:
    """The same uncertainties with the number of files of each variation of whose features some columns are needed."""
    changed = {}
    for name, known in uncertainties.items():
        shifts: dict[str, Shifted] = {}
        for direction, shifted in known.shifts.items():
            wanted = shifted.own and columns_of(shifted)
            count = len(each_part(project, task, named(name, direction), paths.VARIED_FEATURES)) if wanted else 0
            shifts[direction] = shifted.model_copy(update={"parts": count})
        changed[name] = known.model_copy(update=shifts)
    return changed


def parts(project: Project, task: str, variation: str, sample: str) -> Collection[str]:
    """The parts of a sample in a variation."""
    return project.varied_parts[task][variation][sample]


def ntuple(project: Project, task: str, variation: str, sample: str, part: str) -> list[str]:
    """The file of a part; none of a remote one, which the spec knows of."""
    source = project.varied_parts[task][variation][sample][part]
    return [] if remote(source) else [source]


def metadata(project: Project, task: str, variation: str, sample: str, part: str) -> list[str]:
    """The metadata beside a generated ntuple; none beside a user's own."""
    generated = varied(project, task, variation).task.samples[sample].generate
    return [paths.NTUPLE_METADATA.format(sample=sample, part=part)] if generated else []


def each_part(project: Project, task: str, variation: str, pattern: str, **wildcards: str) -> list[str]:
    """The pattern for all parts of all samples of a variation, sorted by sample."""
    return [
        pattern.format(task=task, variation=variation, sample=sample, part=part, **wildcards)
        for sample in varied(project, task, variation).samples
        for part in parts(project, task, variation, sample)
    ]


def scored(project: Project, task: str, variation: str, fold: str) -> list[str]:
    """What the networks of a fold score: as of the nominal rows, those of its test split and samples without a class.

    An event has the same identity in a variation, so it is in the same split.
    """
    known = varied(project, task, variation)
    return [
        pattern.format(task=task, variation=variation, sample=sample, part=part, split="test", fold=fold)
        for sample in known.samples
        for pattern in [paths.VARIED_SPLIT if is_split(known.task, sample) else paths.VARIED_FEATURES]
        for part in parts(project, task, variation, sample)
    ]


def mixed(project: Project, task: str, model: str) -> list[Mixed]:
    """What a model is trained on beside the nominal rows."""
    known = project.tasks[task]
    return [
        Mixed(
            name=name,
            samples=[sample for sample in varied(project, task, name).samples if known.labelled(sample)],
            files=len(_files(project, task, name, "0", "train")),
        )
        for name in chosen(known, project.models[task][model].training.variations)
    ]


def trained_on(project: Project, task: str, model: str, fold: str) -> list[str]:
    """The files of these in a fold: their train splits, one variation after the other."""
    names = (one.name for one in mixed(project, task, model))
    return [path for name in names for path in _files(project, task, name, fold, "train")]


def normalisations(project: Project, task: str, model: str) -> list[str]:
    """The normalisation of each of these."""
    return [paths.VARIED_NORMALISATION.format(task=task, variation=one.name) for one in mixed(project, task, model)]


def audited(project: Project, task: str, split: str) -> list[str]:
    """A split of all variations that any model is trained on, fold by fold."""
    known = project.tasks[task]
    wanted = [name for model in project.models[task].values() for name in model.training.variations]
    names = chosen(known, wanted)
    return [path for fold in project.folds(task) for name in names for path in _files(project, task, name, fold, split)]


def _files(project: Project, task: str, variation: str, fold: str, split: str) -> list[str]:
    """A split of those samples of a variation that have a class."""
    known = project.tasks[task]
    return [
        paths.VARIED_SPLIT.format(task=task, variation=variation, sample=sample, part=part, split=split, fold=fold)
        for sample in varied(project, task, variation).samples
        if known.labelled(sample)
        for part in parts(project, task, variation, sample)
    ]


def is_split(task: Task, sample: str) -> bool:
    """Whether the rows of a sample are split before they are scored: not those without a class where all are, unless
    the split adds what they are scored at.
    """
    return task.labelled(sample) or task.split.folds > 1 or bool(task.parameters)


def features(project: Project, task: str, variation: str, sample: str, part: str) -> str:
    """Of one ntuple."""
    known = varied(project, task, variation)
    files = project.varied_parts[task][variation][sample]
    checksum = project.checksums[task][sample].get(files[part])
    return nominal.read_spec(known.task, sample, part, files[part], checksum, len(files))


def normalise(project: Project, task: str, variation: str) -> str:
    """Of all samples of a variation."""
    known = varied(project, task, variation)
    samples = {
        name: Normalisation(
            cross_section=known.task.samples[name].cross_section, generated=known.task.samples[name].generated
        )
        for name in known.samples
    }
    settings = NormaliseSettings(luminosity=known.task.luminosity, samples=samples)
    return spec(settings, "snakeroot.features.normalise")


def split(project: Project, task: str, variation: str, sample: str, part: str, fold: str) -> str:
    """Of a part, for a fold. Where the files say the splits, those of a variation are of the test split."""
    known = varied(project, task, variation).task
    said = project.splits[task][sample]
    tested = project.is_unsplit(task, sample) or (said and part not in said)
    settings = SplitSettings(
        parameters=parameters(project, task, sample),
        fractions=known.split,
        whole="test" if tested else said.get(part),
        fold=int(fold),
        group=known.group or known.event_id,
    )
    return spec(settings, "snakeroot.split")
