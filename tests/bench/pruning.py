"""A search with successive halving beside one without, of the same random proposals: what it costs, what it finds.

Two rounds of 8 trials of at most 40 epochs, through Snakemake on two cores; with halving they are compared after 5, 10
and 20. Seconds are CPU time of the trials' jobs, start-up included. The ratios are without over with, so that higher is
better; that of the losses is 1 if halving finds as good a point.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import projects
from snakeroot.data import tables
from snakeroot.data.files import read_json

MODEL = "models/net/tuning"


class Size(NamedTuple):
    """How much is measured: events of a class, rounds, trials of a round, and epochs of the first and the last rung."""

    events: int
    rounds: int
    trials: int
    minimum_epochs: int
    max_epochs: int


FULL = Size(events=50_000, rounds=2, trials=8, minimum_epochs=5, max_epochs=40)
SHORT = Size(events=300, rounds=1, trials=2, minimum_epochs=1, max_epochs=2)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return epochs, seconds and best loss of both searches, and their ratios."""
    found: dict[str, float] = {}
    halving = {"name": "successive_halving", "minimum_epochs": size.minimum_epochs, "reduction_factor": 2}
    with tempfile.TemporaryDirectory() as folder:
        for name, pruning in (("without", None), ("with", halving)):
            found |= {f"{key} {name}": value for key, value in search(Path(folder) / name, pruning, size).items()}
    return found | {
        f"{key} ratio": found[f"{key} without"] / found[f"{key} with"] for key in ("epochs", "seconds", "loss")
    }


def search(folder: Path, pruning: dict[str, Any] | None, size: Size) -> dict[str, float]:
    """Run one search."""
    space = {
        "hidden.layers": {"int": [1, 3]},
        "hidden.units": {"int": [4, 32], "log": True},
        "training.learning_rate": {"float": [1e-4, 1e-1], "log": True},
        "training.batch_size": {"choices": [128, 256, 512]},
    }
    tuning = {"sampler": "random", "rounds": size.rounds, "trials_per_round": size.trials, "space": space}
    training = {"max_epochs": size.max_epochs, "patience": size.max_epochs}
    tuning["pruning"] = pruning
    model = {"architecture": "mlp", "hidden": {}, "training": training, "tuning": tuning}
    projects.create(folder, {"first": projects.task(features={name: name for name in "xyz"}, models={"net": model})})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=size.events)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=size.events)
    projects.run(folder, f"results/first/{MODEL}/best.json")
    records = (folder / f"provenance/first/{MODEL}").glob("round*/trial*/**/result.json.json")
    return {
        "epochs": float(tables.read(folder / f"results/first/{MODEL}/trials.parquet")["epochs"].to_pandas().sum()),
        "seconds": sum(read_json(record)["cpu_seconds"] for record in records),
        "loss": read_json(folder / f"results/first/{MODEL}/best.json")["metrics"]["loss"],
    }
