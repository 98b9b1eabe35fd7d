"""What the friends of a sample are made from, and may know."""

from __future__ import annotations

from snakeroot.config.friends import Friends
from snakeroot.config.project import Project
from snakeroot.data import paths
from snakeroot.features import readers, transfers
from snakeroot.features.readers import READERS
from snakeroot.features.transfers import remote
from snakeroot.friends.settings import SPLITS, FriendsSettings, Part, Split
from snakeroot.jobs.spec import spec
from snakeroot.plan.features import read


def of_task(project: Project, task: str) -> list[str]:
    """The folders of all models and samples of a task that asks for friends."""
    if not project.tasks[task].friends:
        return []
    samples = project.tasks[task].samples
    return [path for sample in samples for path in project.each_model(task, paths.FRIENDS, sample=sample)]


def ntuples(project: Project, task: str, sample: str) -> list[str]:
    """The sample's files, without remote ones, which the spec knows of."""
    return [path for part in project.parts[task][sample] for path in project.ntuple(task, sample, part)]


def splits(project: Project, task: str, sample: str) -> list[Split]:
    """The splits that have a prediction of each of the sample's rows once: of folds, that of the tested rows alone."""
    if not project.tasks[task].labelled(sample):
        return ["unlabelled"]
    return ["test"] if project.tasks[task].split.folds > 1 else list(SPLITS[:3])


def predictions(project: Project, task: str, model: str, sample: str) -> list[str]:
    """The tables with these splits."""
    return [paths.COMBINED.format(task=task, model=model, split=split) for split in splits(project, task, sample)]


def friends(project: Project, task: str, model: str, sample: str) -> str:
    """Of a model and a sample."""
    known = project.tasks[task]
    parts, checksums = project.parts[task][sample], project.checksums[task][sample]
    first, ntuple = next(iter(parts.items()))
    unused = dict.fromkeys(("target", "weight", "split", "limit", "url"))
    settings = FriendsSettings(
        model=model,
        features=read(known, sample, first, ntuple, None, len(parts)).model_copy(
            update={"part": "", "spectators": [], "auxiliary": {}, **unused}
        ),
        parts=[
            Part(part=part, url=path if remote(path) else None, checksum=checksums.get(path))
            for part, path in parts.items()
        ],
        splits=splits(project, task, sample),
        format=(known.friends or Friends()).format,
    )
    kinds = sorted({readers.kind(path) for path in parts.values()})
    modules = [READERS.module(kind) for kind in kinds]
    modules += sorted({transfers.TRANSFERS.module(transfers.kind(path)) for path in parts.values() if remote(path)})
    return spec(settings, "snakeroot.friends", *modules)
