"""What the extraction of features may know, and their normalisation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from snakeroot.config import auxiliary
from snakeroot.config.project import Project
from snakeroot.config.schema import Task
from snakeroot.data import paths
from snakeroot.features import blocks, readers, transfers
from snakeroot.features.auxiliary_settings import Auxiliary
from snakeroot.features.readers import READERS
from snakeroot.features.settings import FeaturesSettings, Normalisation, NormaliseSettings, Together
from snakeroot.jobs.spec import spec
from snakeroot.split.settings import Predefined, carried


def features(project: Project, task: str, sample: str, part: str) -> str:
    """Of one ntuple."""
    known, ntuple = project.tasks[task], project.parts[task][sample][part]
    files = len(project.parts[task][sample])
    return read_spec(known, sample, part, ntuple, project.checksums[task][sample].get(ntuple), files)


def ntuples(project: Project) -> int:
    """Return how many ntuples the tasks that the config names read, each counted once for each task and sample."""
    return sum(len(parts) for task in project.tasks for parts in project.parts[task].values())


def together(project: Project, task: str, samples: Sequence[str], part: str) -> str:
    """Of one ntuple of several samples."""
    known = project.tasks[task]
    of_each = []
    for sample in samples:
        ntuple, files = project.parts[task][sample][part], len(project.parts[task][sample])
        of_each.append(read(known, sample, part, ntuple, project.checksums[task][sample].get(ntuple), files))
    return spec(Together(samples=of_each), "snakeroot.features.together", *_modules(known, of_each[0], ntuple))


@dataclass(frozen=True)
class Shared:
    """Files of a task that several samples are of, in one tree, by the same names of branches.

    Attributes:
        samples: sorted.
        parts: what the files are called.
        number: of it, in the task.
    """

    task: str
    samples: tuple[str, ...]
    parts: tuple[str, ...]
    number: int

    @property
    def rule(self) -> str:
        """The name of its rule."""
        return f"features-{self.task}-{self.number}"

    @property
    def constraints(self) -> dict[str, str]:
        """What the wildcards of its rule may match."""
        return {"task": re.escape(self.task), "part": "|".join(map(re.escape, self.parts))}

    def each(self, pattern: str) -> list[str]:
        """The pattern for all samples."""
        return [paths.fill(pattern, sample=sample) for sample in self.samples]


def shared(project: Project) -> list[Shared]:
    """Return what is read for several samples at once, of the tasks that the config names.

    Snakemake wants all rules before it knows what is asked for: so of a task that only a path on the command line
    names, each sample reads for itself, to the same rows.
    """
    return [one for task in project.tasks for one in of_task(project, task)]


def of_task(project: Project, task: str) -> Iterator[Shared]:
    """Yield what is read for several samples of a task at once."""
    known = project.tasks[task]
    samples_of: dict[Any, list[str]] = {}
    for sample in sorted(known.samples):
        one, parts = known.samples[sample], project.parts[task][sample]
        limit = one.limit or known.limit
        how = (_tree(known, sample), tuple(sorted(one.branches.items())), -(-limit // len(parts)) if limit else None)
        for part, ntuple in parts.items():
            if not one.generate:
                samples_of.setdefault((part, ntuple, project.checksums[task][sample].get(ntuple), how), []).append(
                    sample
                )
    parts_of: dict[tuple[str, ...], list[str]] = {}
    for (part, *_), samples in samples_of.items():
        if len(samples) > 1:
            parts_of.setdefault(tuple(samples), []).append(part)
    for number, (together, shares) in enumerate(parts_of.items()):
        yield Shared(task, together, tuple(shares), number)


def read_spec(known: Task, sample: str, part: str, ntuple: str, checksum: str | None, files: int) -> str:
    """Of one ntuple of a task as it is, or as it is varied; arguments as `read` has them."""
    settings = read(known, sample, part, ntuple, checksum, files)
    return spec(settings, "snakeroot.features", *_modules(known, settings, ntuple))


def _modules(known: Task, settings: FeaturesSettings, ntuple: str) -> list[str]:
    """Of the kinds of file, server and blocks."""
    kinds = sorted({blocks.kind(block) for block in known.blocks.values()})
    modules = [READERS.module(readers.kind(ntuple)), *(blocks.BLOCKS.module(kind) for kind in kinds)]
    return modules + ([transfers.TRANSFERS.module(transfers.kind(settings.url))] if settings.url else [])


def read(known: Task, sample: str, part: str, ntuple: str, checksum: str | None, files: int) -> FeaturesSettings:
    """How one ntuple, a path or a URL, of so many files of its sample is read for a task."""
    of_sample = known.samples[sample]
    url = ntuple if transfers.remote(ntuple) else None
    limit = of_sample.limit or known.limit
    own: dict[str, Any] = {
        "sample": sample,
        "part": part,
        "target": known.target or (known.classes.index(of_sample.class_name) if of_sample.class_name else None),
        "auxiliary": {
            name: Auxiliary(kind=known.auxiliary[name].kind, target=text)
            for name, text in auxiliary.known(known, sample).items()
        },
        "checksum": checksum,
        "url": url,
        "tree": _tree(known, sample) if readers.kind(ntuple) in readers.WITH_TREES else None,
        "aliases": of_sample.branches,
        "split": known.split.column if isinstance(known.split, Predefined) and known.labelled(sample) else None,
        "limit": -(-limit // files) if limit else None,  # known before any file is opened
        "weight": of_sample.weight or known.weight,
        "selection": " & ".join(f"({text})" for text in (of_sample.selection, known.selection) if text) or None,
    }
    if of_files := {carried(name): text for name, text in of_sample.parameters.items() if isinstance(text, str)}:
        own["definitions"] = known.definitions | of_files
        own["spectators"] = [*known.spectators, *sorted(of_files)]
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
