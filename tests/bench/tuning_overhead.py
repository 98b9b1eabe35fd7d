"""What a search costs beside the trainings of its trials, and what it takes to plan a large one.

32 trials (Gaussian process) in 4 rounds of 8, two jobs of 4 trials each, through Snakemake on two cores, each trained
for about 1 and about 10 seconds; and 8 trials of about 60 seconds, in 2 rounds of 4, two jobs of 2 trials each.
Overhead is the wall time × 2 over the sum of the seconds that the trials were training, less 1: start of
processes, imports, reading rows, proposals, waiting for the slowest of a round, Snakemake. Planning is `snakemake -n`
of 100 rounds of 10 trials. Ratios are what was asked for over what was seen, so that 1 or more is enough.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import projects
from snakeroot.data.files import read_json

TUNING = "first/models/net/tuning"
ASKED = {"overhead": 0.25, "plan_seconds": 10.0, "plan_MB": 500.0}
BLOCKS = {"rounds": 4, "trials_per_round": 8, "trials_per_job": 4, "startup_trials": 8}
FEW = {"rounds": 1, "trials_per_round": 2, "trials_per_job": 2, "startup_trials": 2}


class Size(NamedTuple):
    """How much is measured: events of a class, epochs and trials of the pace, searches, and what is planned.

    A search has the seconds of a trial, and how many there are.
    """

    events: int
    pace: tuple[int, int]
    searches: dict[str, tuple[float, dict[str, int]]]
    planned: dict[str, int]


FULL = Size(
    events=30_000,
    pace=(40, 4),
    searches={
        "1": (1, BLOCKS),
        "10": (10, BLOCKS),
        "60": (60, {"rounds": 2, "trials_per_round": 4, "trials_per_job": 2, "startup_trials": 4}),
    },
    planned={"rounds": 100, "trials_per_round": 10, "startup_trials": 20},
)
SHORT = Size(events=300, pace=(2, 1), searches={"10": (0, FEW)}, planned=FEW)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return overheads, seconds and memory of planning, and the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        epochs, trials = size.pace
        pace = study(folder / "pace", size.events, epochs, rounds=1, trials_per_round=trials)["seconds"] / epochs
        found = {}
        for kind, (length, search) in size.searches.items():
            seen = study(folder / kind, size.events, max(round(length / pace), 1), **search)
            found[f"trial_seconds_{kind}"] = seen["seconds"]
            found[f"wall_seconds_{kind}"] = seen["wall"]
            found[f"overhead_{kind}"] = 2 * seen["wall"] / (seen["seconds"] * seen["trials"]) - 1
        start = time.perf_counter()
        done = projects.snakemake(project(folder / "plan", size.events, 1, **size.planned), "--dry-run")
        assert done.returncode == 0, done.stdout
        found["plan_seconds"] = time.perf_counter() - start
    found["plan_MB"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3  # the largest of all processes
    return found | {
        "ratio_overhead_10": ASKED["overhead"] / found["overhead_10"],
        "ratio_plan_seconds": ASKED["plan_seconds"] / found["plan_seconds"],
        "ratio_plan_MB": ASKED["plan_MB"] / found["plan_MB"],
    }


def project(folder: Path, events: int, epochs: int, **search: int) -> Path:
    """Create a search of trials that are trained for so many epochs, whatever the point."""
    startup = search.pop("startup_trials", None)
    tuning: dict[str, Any] = {"sampler": {"name": "gp", "startup_trials": startup}, **search}
    tuning["space"] = {"training.learning_rate": {"float": [1e-3, 1e-2]}, "training.l2": {"float": [0, 1e-3]}}
    training = {"max_epochs": epochs, "patience": epochs}
    model = {"architecture": "mlp", "training": training, "tuning": tuning}
    projects.create(folder, {"first": projects.task(models={"net": model})})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=events)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=events)
    return folder


def study(folder: Path, events: int, epochs: int, **search: int) -> dict[str, float]:
    """Run a search; return its wall time, how many trials it has, and the mean seconds that one was training."""
    project(folder, events, epochs, **search)
    projects.run(folder, "results/first/scaling/fold0.json")
    start = time.perf_counter()
    projects.run(folder, f"results/{TUNING}/best.json")
    wall = time.perf_counter() - start
    records = (folder / f"provenance/{TUNING}").glob("round*/trial*/result.json.json")
    seconds = [trial["training_seconds"] for record in records for trial in read_json(record)["trials"]]
    return {"wall": wall, "trials": len(seconds), "seconds": sum(seconds) / len(seconds)}
