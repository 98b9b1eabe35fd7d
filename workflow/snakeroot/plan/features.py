"""What the extraction of features may know, and their normalisation."""

from __future__ import annotations

from snakeroot.config.project import Project
from snakeroot.features import blocks, readers, transfers
from snakeroot.features.readers import READERS
from snakeroot.features.settings import FeaturesSettings, Normalisation, NormaliseSettings
from snakeroot.jobs.spec import spec
from snakeroot.split.settings import Predefined


def features(project: Project, task: str, sample: str, part: str) -> str:
    """Of one ntuple."""
    known, of_sample = project.tasks[task], project.tasks[task].samples[sample]
    ntuple = project.parts[task][sample][part]
    url = ntuple if transfers.remote(ntuple) else None
    parts = project.parts[task][sample]
    limit = of_sample.limit or known.limit
    own = {
        "sample": sample,
        "part": part,
        "target": known.target or (known.classes.index(of_sample.class_name) if of_sample.class_name else None),
        "checksum": project.checksums[task][sample].get(ntuple),
        "url": url,
        "tree": _tree(project, task, sample) if readers.kind(ntuple) in readers.WITH_TREES else None,
        "aliases": of_sample.branches,
        "split": known.split.column if isinstance(known.split, Predefined) and known.labelled(sample) else None,
        "limit": -(-limit // len(parts)) if limit else None,  # known before any file is opened
        "weight": of_sample.weight or known.weight,
        "selection": " & ".join(f"({text})" for text in (of_sample.selection, known.selection) if text) or None,
    }
    settings = FeaturesSettings(**known.model_dump(include=set(FeaturesSettings.model_fields)) | own)
    kinds = sorted({blocks.kind(block) for block in known.blocks.values()})
    modules = [READERS.module(readers.kind(ntuple)), *(blocks.BLOCKS.module(kind) for kind in kinds)]
    modules += [transfers.TRANSFERS.module(transfers.kind(url))] if url else []
    return spec(settings, "snakeroot.features", *modules)


def _tree(project: Project, task: str, sample: str) -> str | None:
    known, of_sample = project.tasks[task], project.tasks[task].samples[sample]
    return of_sample.generate.tree if of_sample.generate else of_sample.tree or known.tree


def normalise(project: Project, task: str) -> str:
    """Of all samples of a task."""
    known = {
        name: Normalisation(cross_section=sample.cross_section, generated=sample.generated)
        for name, sample in project.tasks[task].samples.items()
    }
    settings = NormaliseSettings(luminosity=project.tasks[task].luminosity, samples=known)
    return spec(settings, "snakeroot.features.normalise")
