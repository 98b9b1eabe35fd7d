"""What the generation of events may know."""

from __future__ import annotations

from typing import cast

from snakeroot.config import ntuples
from snakeroot.config.generate import Generate
from snakeroot.config.project import Project
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.generate.settings import GenerateSettings
from snakeroot.jobs.spec import spec


def generate(project: Project, sample: str, part: str) -> str:
    """Of one part of a generated sample."""
    task = project.tasks[project.generating(sample)]
    wanted = cast(Generate, task.samples[sample].generate)
    number = int(part.removeprefix("part"))
    first = number * wanted.events_per_part
    settings = GenerateSettings(
        process=wanted.process,
        events=min(wanted.events_per_part, wanted.events - first),
        first_event=first,
        run=ntuples.run_number(sample),
        lumi=number + 1,
        seed=1 + project.seed("generate", sample, part) % 900_000_000,
        multiparton=wanted.multiparton,
        **({"energy": task.energy} if task.energy else {}),
    )
    process, reconstruction = PROCESSES.module(wanted.process), RECONSTRUCTIONS.module(wanted.reconstruction)
    return spec(settings, "snakeroot.generate", process, reconstruction)
