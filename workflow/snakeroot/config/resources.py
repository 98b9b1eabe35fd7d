"""What a job of each stage asks a scheduler for. It changes where and when jobs run, never what they compute."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import Field, create_model

from snakeroot.settings import Settings


class Needed(NamedTuple):
    """What the first attempt of a job asks for; `of_networks`: it may use GPUs, `of_task`: it belongs to a task."""

    memory_MB: int  # noqa: N815 - megabytes, not millibits
    minutes: int
    disk_MB: int = 1000  # noqa: N815
    of_networks: bool = False
    of_task: bool = True


STAGES = {
    "features": Needed(2000, 60),
    "split": Needed(2000, 30),
    "scale": Needed(2000, 30),
    "reweight": Needed(2000, 30),
    "tune": Needed(4000, 120, of_networks=True),
    "train": Needed(4000, 240, of_networks=True),
    "predict": Needed(4000, 60, of_networks=True),
    "calibrate": Needed(4000, 30),
    "export": Needed(4000, 30),
    "friends": Needed(2000, 60),
    "importance": Needed(4000, 60),
    "card": Needed(4000, 30),
    "evaluate": Needed(4000, 15),
    "systematics": Needed(4000, 30),
    "templates": Needed(4000, 30),
    "generate": Needed(2000, 60, of_task=False),
    "report": Needed(2000, 30, of_task=False),
    "records": Needed(2000, 30, of_task=False),
}
"""Enough for some million events of a few dozen features, whose rows are in memory."""


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


def _fields(*, of_task: bool) -> dict[str, Any]:
    fields = {}
    for stage, needed in STAGES.items():
        if needed.of_task is of_task:
            kind = NetworkResources if needed.of_networks else StageResources
            text = f"by default {needed.memory_MB} MB, {needed.minutes} minutes, {needed.disk_MB} MB of disk"
            fields[stage] = (kind, Field(kind(), description=text))
    return fields


TaskResources = create_model(
    "TaskResources", __base__=Settings, __doc__="By stage, for the jobs of one task.", **_fields(of_task=True)
)
Resources = create_model(
    "Resources",
    __base__=TaskResources,
    __doc__="By stage, for the jobs of all tasks, and for those that belong to none.",
    **_fields(of_task=False),
)


def merged(stage: str, *known: Settings) -> NetworkResources:
    """Return the resources of a stage: the defaults, then what each of `known` gives, the last one first."""
    needed = STAGES[stage]
    amounts: dict[str, int] = {"memory_MB": needed.memory_MB, "minutes": needed.minutes, "disk_MB": needed.disk_MB}
    for resources in known:
        amounts |= getattr(resources, stage).model_dump(exclude_none=True)
    return NetworkResources.model_validate(amounts)
