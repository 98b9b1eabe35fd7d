"""`make bench-cluster`: what a farm adds to each job and to the small workflow, into results/bench/<scheduler>.json.

And what it takes of searches whose trials are 10, 60 and 600 s long, one after the other: the share of the time, from
the first trial's submission to the search's end, in which none was training. Some 35 minutes for both schedulers.
"""

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
from cluster.conftest import ASK, BEFORE, STAGES, create, made
from cluster.farm import Farm, Job
from snakeroot.data.files import write_json

SUBMITTED = r"Job (\d+) (?:has been submitted with SLURM jobid|submitted to HTCondor Cluster ID) (\d+)"
ALONE = ("scale", "audit", "train", "predict", "metrics")
"""Rules whose jobs are one process of a stage each; of what goes in groups, Snakemake names no end."""
RECORDS = ("scaling/*", "split/audit*", "models/net/fold*/model*", "models/net/fold*/predictions/*", "metrics*")
TRIALS = {10: 4, 60: 2, 600: 1}
"""Seconds of a trial: how many there are."""
BEST = "results/first/models/net/tuning/best.json"
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


def small_workflow(farm: Farm, project: Path) -> dict[str, float]:
    """Run the small workflow, with the profile as it is."""
    start = time.monotonic()
    log = farms.run(farm, project, limit=900)
    total = time.monotonic() - start
    found: list[Job] = farm.found()
    ends = detected(log)
    jobs = [job for job in found if job.rule in ALONE]
    return {
        "jobs": len(found),
        "total_seconds": total,
        "submission_to_start_median": statistics.median(job.started - job.submitted for job in jobs),
        "submission_to_start_largest": max(job.started - job.submitted for job in jobs),
        "end_to_detection_median": statistics.median(ends[job.id] - job.ended for job in jobs),
        "end_to_detection_largest": max(ends[job.id] - job.ended for job in jobs),
        "in_job_overhead_mean": statistics.mean(job.ended - job.started for job in jobs) - work(project),
    }


def search(folder: Path, trials: int, epochs: int) -> Path:
    """A search of rounds of one trial of so many epochs, ready for the first of them."""
    training = {"max_epochs": epochs, "patience": epochs, "batch_size": 64}
    space = {"training.learning_rate": {"float": [1e-4, 1e-2], "log": True}}
    tuning = {"sampler": "random", "rounds": trials, "trials_per_round": 1, "space": space}
    project = create(folder, 20_000, training=training, tuning=tuning)
    resources = {**dict.fromkeys(STAGES, ASK), "tune": {**ASK, "minutes": 30}}
    projects.write_yaml(project / "config/config.yaml", {"tasks": ["first"], "resources": resources})
    projects.run(project, *BEFORE)
    return project


def training_seconds(project: Path) -> list[float]:
    """How long each trial was training."""
    records = (project / "provenance/first/models/net/tuning").glob("round*/trial*/result.json.json")
    return [trial["training_seconds"] for record in records for trial in json.loads(record.read_text())["trials"]]


def lost(farm: Farm, project: Path) -> dict[str, float]:
    """Run a search; return how long its trials were training, and the share of the time in which none was."""
    before = {job.id for job in farm.found()}
    farms.run(farm, project, BEST, limit=1500)
    end = time.time()
    start = min(job.submitted for job in farm.found() if job.id not in before)
    seconds = training_seconds(project)
    return {"trial_seconds": statistics.mean(seconds), "lost": 1 - sum(seconds) / (end - start)}


def main(names: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="snakeroot-"))
    begun = time.monotonic()
    projects.run(create(folder / "local", 1000))
    local = time.monotonic() - begun
    pace = search(folder / "pace", 1, 100)
    projects.run(pace, BEST)
    [epoch] = [seconds / 100 for seconds in training_seconds(pace)]
    for name in names:
        farm = made(name)
        farm.arguments = ()  # as often as the profile says
        farm.start()
        try:
            measured = small_workflow(farm, create(folder / name / "workflow", 1000)) | {"local_seconds": local}
            for seconds, trials in TRIALS.items():
                found = lost(farm, search(folder / name / f"{seconds}", trials, round(seconds / epoch)))
                measured |= {f"{key}_{seconds}": value for key, value in found.items()}
        finally:
            farm.stop()
        write_json(measured, Path(f"results/bench/{name}.json"))
        print(name, json.dumps(measured, indent=1))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or ["slurm", "htcondor"])
