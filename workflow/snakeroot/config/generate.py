"""What a user writes of Monte Carlo that the workflow itself makes."""

from __future__ import annotations

import math

from pydantic import Field, field_validator

from snakeroot.errors import SnakerootError
from snakeroot.generate.processes import PROCESSES
from snakeroot.generate.reconstructions import RECONSTRUCTIONS
from snakeroot.settings import Settings


class Generate(Settings):
    """Monte Carlo made by the workflow itself."""

    process: str = Field(description="name of a process: a file in workflow/snakeroot/generate/processes")
    events: int = Field(gt=0, lt=2**31, description="events to generate, before any selection")
    events_per_part: int = Field(
        20_000, gt=0, le=10_000_000, description="events in one job and file; more events are more parts"
    )
    multiparton: bool = Field(False, description="simulate multiparton interactions: 8 times slower")

    @field_validator("process")
    @classmethod
    def _known(cls, process: str) -> str:
        try:
            RECONSTRUCTIONS.module(getattr(PROCESSES.load(process), "RECONSTRUCTION", ""))
        except SnakerootError as error:
            raise ValueError(str(error)) from error
        return process

    @property
    def parts(self) -> int:
        """Number of parts, the last of which may be smaller."""
        return math.ceil(self.events / self.events_per_part)

    @property
    def reconstruction(self) -> str:
        """How the events of the process are reconstructed: a file in workflow/snakeroot/generate/reconstructions."""
        return str(PROCESSES.load(self.process).RECONSTRUCTION)

    @property
    def tree(self) -> str:
        """Name of the tree that the ntuples have."""
        return str(RECONSTRUCTIONS.load(self.reconstruction).TREE)
