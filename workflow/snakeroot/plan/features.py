"""What the extraction of features may know, and their normalisation."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.features import blocks, readers, transfers
from snakeroot.features.readers import READERS
from snakeroot.features.settings import FeaturesSettings, Normalisation, NormaliseSettings
from snakeroot.jobs.spec import spec
from snakeroot.split.settings import Predefined


def features(project: Project, task: str, sample: str, part: str) -> str:
    """Of one ntuple."""
    known, ntuple = project.tasks[task], project.parts[task][sample][part]
    files = len(project.parts[task][sample])
    return read_spec(known, sample, part, ntuple, project.checksums[task][sample].get(ntuple), files)


def read_spec(known: Task, sample: str, part: str, ntuple: str, checksum: str | None, files: int) -> str:
    """Of one ntuple of a task as it is, or as it is varied; arguments as `read` has them."""
    settings = read(known, sample, part, ntuple, checksum, files)
    kinds = sorted({blocks.kind(block) for block in known.blocks.values()})
    modules = [READERS.module(readers.kind(ntuple)), *(blocks.BLOCKS.module(kind) for kind in kinds)]
    modules += [transfers.TRANSFERS.module(transfers.kind(settings.url))] if settings.url else []
    return spec(settings, "snakeroot.features", *modules)


def read(known: Task, sample: str, part: str, ntuple: str, checksum: str | None, files: int) -> FeaturesSettings:
    """How one ntuple, a path or a URL, of so many files of its sample is read for a task."""
    of_sample = known.samples[sample]
    url = ntuple if transfers.remote(ntuple) else None
    limit = of_sample.limit or known.limit
    own = {
        "sample": sample,
        "part": part,
        "target": known.target or (known.classes.index(of_sample.class_name) if of_sample.class_name else None),
        "checksum": checksum,
        "url": url,
        "tree": _tree(known, sample) if readers.kind(ntuple) in readers.WITH_TREES else None,
        "aliases": of_sample.branches,
        "split": known.split.column if isinstance(known.split, Predefined) and known.labelled(sample) else None,
        "limit": -(-limit // files) if limit else None,  # known before any file is opened
        "weight": of_sample.weight or known.weight,
        "selection": " & ".join(f"({text})" for text in (of_sample.selection, known.selection) if text) or None,
    }
    return FeaturesSettings(**known.model_dump(include=set(FeaturesSettings.model_fields)) | own)


def _tree(known: Task, sample: str) -> str | None:
    of_sample = known.samples[sample]
    return of_sample.generate.tree if of_sample.generate else of_sample.tree or known.tree


def normalise(project: Project, task: str) -> str:
    """Of all samples of a task."""
    known = {
        name: Normalisation(cross_section=sample.cross_section, generated=sample.generated)
        for name, sample in project.tasks[task].samples.items()
    }
    settings = NormaliseSettings(luminosity=project.tasks[task].luminosity, samples=known)
    return spec(settings, "snakeroot.features.normalise")
