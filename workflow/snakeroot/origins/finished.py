"""A finished run: all of its jobs, with their records."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from snakeroot.errors import SnakerootError
from snakeroot.origins import payload, records
from snakeroot.origins.records import Record
from snakeroot.origins.workflow import Job, Workflow


class Made(NamedTuple):
    """A job, and its record."""

    job: Job
    record: Record

    @property
    def key(self) -> str:
        """What tells it from other jobs."""
        return quote(self.job.outputs[0])


def finished(workflow: Workflow) -> list[Made]:
    """Return all jobs with their records, in the order of the names of their outputs.

    Raises:
        SnakerootError: if a run would do anything, or if a record is missing.
    """
    jobs = [job for job in workflow.jobs if job.outputs]
    if waiting := [job.outputs[0] for job in jobs if job.reasons]:
        some = f"{len(waiting)} job{'s' * (len(waiting) > 1)} would run, for {payload.listed(waiting)}"
        raise SnakerootError(f"the run is not finished: {some}: snakeroot run")
    for job in jobs:
        if not job.provenance or not Path(job.provenance).exists():
            again = f"snakeroot run --force {job.outputs[0]}"
            raise SnakerootError(f"{job.outputs[0]}: there is no record of what made it; a run writes one: {again}")
    made = [Made(job, records.read(Path(job.provenance or ""))) for job in jobs]
    return sorted(made, key=lambda one: one.key)
