"""The settings of one generated part; imported while the workflow is planned, so without any heavy package."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from snakeroot.settings import Settings

UNDEFINED = -999.0
"""What stands in a branch where the event has no such thing (a second jet)."""

INT32_MAX = 2**31 - 1
"""The largest run, lumi and event number that the ntuple's branches hold."""


class GenerateSettings(Settings):
    """One part of a Monte Carlo sample: one process, one seed, one file."""

    process: str = Field(description="a module of snakeroot.generate.processes, such as vbf_h4mu")
    events: int = Field(gt=0, description="events to generate in this part, before any selection")
    first_event: int = Field(ge=0, description="f_event of the part's first event; parts must not overlap")
    run: int = Field(ge=0, le=INT32_MAX, description="f_run of the part")
    lumi: int = Field(ge=0, le=INT32_MAX, description="f_lumi of the part")
    seed: int = Field(ge=1, le=900_000_000, description="seed of the generator and of the detector's smearing")
    energy: float = Field(default=13.0, gt=0, description="centre-of-mass energy of the two protons (TeV)")
    multiparton: bool = Field(default=False, description="simulate multiparton interactions (about 8 times slower)")

    @model_validator(mode="after")
    def _event_numbers_fit(self) -> Self:
        last = self.first_event + self.events - 1
        if last > INT32_MAX:
            raise ValueError(f"the part's last event number is {last}, and f_event holds at most {INT32_MAX}")
        return self
