"""`make bench-cluster`: what a farm adds to each job and to the small workflow, into results/bench/<scheduler>.json."""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import projects
from cluster import farm as farms
from cluster.conftest import create, made
from cluster.farm import Farm, Job
from snakeroot.files import write_json

SUBMITTED = r"Job (\d+) (?:has been submitted with SLURM jobid|submitted to HTCondor Cluster ID) (\d+)"
ALONE = ("scale", "audit", "train", "predict", "metrics")
"""Rules whose jobs are one process of a stage each; of what goes in groups, Snakemake names no end."""
RECORDS = ("scaling/*", "split/audit*", "models/net/fold*/model*", "models/net/fold*/predictions/*", "metrics*")
FINISHED = r"^\[(.*)\]\nFinished jobid: (\d+) "


def detected(log: str) -> dict[str, float]:
    """When Snakemake said that a job had ended, by the scheduler's number."""
    numbers = dict(re.findall(SUBMITTED, log))
    ended = re.findall(FINISHED, log, flags=re.MULTILINE)
    times = {job: datetime.strptime(text, "%a %b %d %H:%M:%S %Y").timestamp() for text, job in ended}
    return {numbers[job]: at for job, at in times.items() if job in numbers}


def work(project: Path) -> float:
    """Mean of the seconds that the stages themselves took, by their provenance, of the rules in `ALONE`."""
    facts = [json.loads(path.read_text()) for of in RECORDS for path in (project / "provenance/first").glob(of)]
    spans = [datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["start"]) for one in facts]
    return sum(span.total_seconds() for span in spans) / len(spans)


def measure(farm: Farm, folder: Path) -> dict[str, float]:
    """Run the small workflow, with the profile as it is."""
    farm.start()
    try:
        project = create(folder / "project", 1000)
        start = time.monotonic()
        log = farms.run(farm, project, limit=900)
        total = time.monotonic() - start
        found: list[Job] = farm.found()
    finally:
        farm.stop()
    ends = detected(log)
    jobs = [job for job in found if job.rule in ALONE]
    own = statistics.mean(job.ended - job.started for job in jobs)
    return {
        "jobs": len(found),
        "total_seconds": total,
        "submission_to_start_median": statistics.median(job.started - job.submitted for job in jobs),
        "submission_to_start_largest": max(job.started - job.submitted for job in jobs),
        "end_to_detection_median": statistics.median(ends[job.id] - job.ended for job in jobs),
        "end_to_detection_largest": max(ends[job.id] - job.ended for job in jobs),
        "in_job_mean": own,
        "in_job_overhead_mean": own - work(project),
    }


def share(measured: dict[str, float], seconds: float) -> float:
    """The share of a job of so many seconds that is scheduling: computed, from start to finish of one job."""
    names = ("submission_to_start_median", "in_job_overhead_mean", "end_to_detection_median")
    lost = sum(measured[name] for name in names)
    return lost / (lost + seconds)


def main(names: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="snakeroot-"))
    begun = time.monotonic()
    projects.run(create(folder / "local", 1000))
    local = time.monotonic() - begun
    for name in names:
        where = folder / name
        farm = made(name)
        farm.arguments = ()  # as often as the profile says
        measured = {**measure(farm, where), "local_seconds": local}
        measured |= {f"lost_at_{seconds}_s": share(measured, seconds) for seconds in (10, 60, 600)}
        write_json(measured, Path(f"results/bench/{name}.json"))
        print(name, json.dumps(measured, indent=1))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or ["slurm", "htcondor"])
