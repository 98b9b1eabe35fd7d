"""What a job of each stage asks a scheduler for. It changes where and when jobs run, never what they compute."""

from __future__ import annotations

from pydantic import Field

from snakeroot.settings import Settings

DEFAULTS: dict[str, dict[str, int]] = {
    "generate": {"memory_MB": 2000, "minutes": 60, "disk_MB": 1000},
    "features": {"memory_MB": 2000, "minutes": 60, "disk_MB": 1000},
    "split": {"memory_MB": 2000, "minutes": 30, "disk_MB": 1000},
    "scale": {"memory_MB": 2000, "minutes": 30, "disk_MB": 1000},
    "tune": {"memory_MB": 4000, "minutes": 120, "disk_MB": 1000},
    "train": {"memory_MB": 4000, "minutes": 240, "disk_MB": 1000},
    "predict": {"memory_MB": 4000, "minutes": 60, "disk_MB": 1000},
    "evaluate": {"memory_MB": 4000, "minutes": 30, "disk_MB": 1000},
    "report": {"memory_MB": 2000, "minutes": 30, "disk_MB": 1000},
}
"""Of the first attempt. Enough for some million events of a few dozen features, whose rows are in memory."""


class StageResources(Settings):
    """What a job asks a scheduler for; what is not given is as in the defaults."""

    memory_MB: int | None = Field(  # noqa: N815 - megabytes, not millibits
        None, ge=500, description="memory [MB], doubled with each attempt; Snakemake itself takes 300 of it on the node"
    )
    minutes: int | None = Field(None, ge=1, description="time limit [min], doubled with each attempt")
    disk_MB: int | None = Field(None, ge=1, description="scratch space on the node [MB]")  # noqa: N815


class NetworkResources(StageResources):
    """The same of a stage whose jobs may use GPUs."""

    gpu_model: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.]+$",
        description="GPUs of this model only: on SLURM the type in its Gres, on HTCondor a part of its DeviceName",
    )


def _of(stage: str) -> str:
    memory, minutes, disk = DEFAULTS[stage].values()
    return f"by default {memory} MB, {minutes} minutes, {disk} MB of disk"


class TaskResources(Settings):
    """By stage, for the jobs of one task."""

    features: StageResources = Field(StageResources(), description=_of("features"))
    split: StageResources = Field(StageResources(), description=_of("split"))
    scale: StageResources = Field(StageResources(), description=_of("scale"))
    tune: NetworkResources = Field(NetworkResources(), description=_of("tune"))
    train: NetworkResources = Field(NetworkResources(), description=_of("train"))
    predict: NetworkResources = Field(NetworkResources(), description=_of("predict"))
    evaluate: StageResources = Field(StageResources(), description=_of("evaluate"))


class Resources(TaskResources):
    """By stage, for the jobs of all tasks, and for those that belong to none."""

    generate: StageResources = Field(StageResources(), description=_of("generate"))
    report: StageResources = Field(StageResources(), description=_of("report"))


def merged(stage: str, *known: TaskResources) -> NetworkResources:
    """Return the resources of a stage: the defaults, then what each of `known` gives, the last one first."""
    found: dict[str, int] = dict(DEFAULTS[stage])
    for resources in known:
        found |= getattr(resources, stage).model_dump(exclude_none=True)
    return NetworkResources.model_validate(found)
