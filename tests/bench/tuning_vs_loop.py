"""A search beside the loop of the lecture's exercise: ten Bayesian trials in its space, on the same rows.

The space is the exercise's: 1 to 3 hidden layers, 5 to 100 nodes, dropout 0 to 0.9, a learning rate of 1e-5 to 0.1
(logarithmic). The loop is one process with Optuna's Gaussian process, a Dataset and a DataLoader, trials one after the
other; it keeps the last epoch, but scores without dropout. Ours runs through Snakemake on two cores, 5 rounds of 2.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import optuna
import projects
import torch
from snakeroot.data import tables
from snakeroot.data.files import read_json
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.utils.data import DataLoader, TensorDataset

BATCH = 512
SPACE = {
    "hidden.layers": {"int": [1, 3]},
    "hidden.units": {"int": [5, 100]},
    "dropout": {"float": [0.0, 0.9]},
    "training.learning_rate": {"float": [1e-5, 0.1], "log": True},
}


class Size(NamedTuple):
    """How much is measured: events of a class, epochs of a trial, rounds of two."""

    events: int
    epochs: int
    rounds: int


FULL = Size(events=50_000, epochs=15, rounds=5)
SHORT = Size(events=300, epochs=1, rounds=1)


def measure(size: Size = FULL) -> dict[str, float]:
    """Return seconds and best validation loss of both, and their ratios (loop over ours)."""
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name) / "project", size)
        projects.run(folder, "results/first/scaling/fold0.json")
        start = time.perf_counter()
        projects.run(folder, "results/first/models/net/tuning/best.json")
        ours = time.perf_counter() - start
        loss = read_json(folder / "results/first/models/net/tuning/best.json")["metrics"]["loss"]
        start = time.perf_counter()
        theirs = loop(*(rows(folder, split) for split in ("train", "validation")), size)
        seconds = time.perf_counter() - start
    return {
        "tuning_vs_loop": seconds / ours,
        "loss_ratio": theirs / loss,
        "seconds_ours": ours,
        "seconds_loop": seconds,
        "loss_ours": loss,
        "loss_loop": theirs,
    }


def project(folder: Path, size: Size) -> Path:
    training = {"max_epochs": size.epochs, "batch_size": BATCH, "patience": size.epochs}
    tuning = {"rounds": size.rounds, "trials_per_round": 2, "space": SPACE}
    model = {"architecture": "mlp", "hidden": {}, "training": training, "tuning": tuning}
    projects.create(folder, {"first": projects.task(weight=None, models={"net": model})})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=size.events)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=size.events)
    return folder


def rows(folder: Path, split: str) -> TensorDataset:
    """The same rows, standardised."""
    found = tables.read_all(sorted((folder / f"results/first/split/fold0/{split}").rglob("*.parquet"))).to_pandas()
    features = torch.tensor(found[["x", "y"]].to_numpy())
    return TensorDataset((features - 0.5) / 1.1, torch.tensor(found["target"].to_numpy()).float())


def loop(train: TensorDataset, validation: TensorDataset, size: Size) -> float:
    """Run as many trials, and return the smallest validation loss."""
    torch.set_num_threads(2)
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: optuna.Trial) -> float:
        layers: list[nn.Module] = []
        width, units = 2, trial.suggest_int("units", 5, 100)
        dropout = trial.suggest_float("dropout", 0.0, 0.9)
        for _ in range(trial.suggest_int("layers", 1, 3)):
            layers += [nn.Linear(width, units), nn.ReLU(), nn.Dropout(dropout)]
            width = units
        network = nn.Sequential(*layers, nn.Linear(width, 1))
        optimizer = torch.optim.Adam(network.parameters(), lr=trial.suggest_float("rate", 1e-5, 0.1, log=True))
        for _ in range(size.epochs):
            network.train()
            for features, target in DataLoader(train, batch_size=BATCH, shuffle=True):
                optimizer.zero_grad()
                binary_cross_entropy_with_logits(network(features).squeeze(1), target).backward()
                optimizer.step()
            network.eval()
            with torch.no_grad():
                features, target = validation.tensors
                loss = binary_cross_entropy_with_logits(network(features).squeeze(1), target).item()
        return loss

    study = optuna.create_study(sampler=optuna.samplers.GPSampler(seed=1, n_startup_trials=4))
    study.optimize(objective, n_trials=2 * size.rounds)
    return float(study.best_value)
