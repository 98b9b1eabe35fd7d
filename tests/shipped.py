"""The shipped tasks with fewer events, epochs and trials; and what of their results must be the same every time."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import projects
import uproot
import yaml

EVENTS = {"vbf": 1500, "zz": 6000, "ggh": 500}
PROMISED = {".parquet", ".json", ".safetensors", ".onnx", ".md", ".svg", ".csv", ".png", ".pdf", ".html"}


def small(folder: Path, *names: str, epochs: int = 40, **config: Any) -> Path:
    """Create a project of these tasks on generated Higgs bosons and their background."""
    tasks = {}
    for name in names:
        task = yaml.safe_load((projects.REPOSITORY / f"config/tasks/{name}.yaml").read_text())
        for sample, events in EVENTS.items():
            task["samples"][sample]["generate"] |= {"events": events, "events_per_part": 3000}
        for model in task["models"].values():
            if "training" in model:
                model["training"] |= {"max_epochs": min(model["training"]["max_epochs"], epochs)}
            if "tuning" in model:
                model["tuning"] |= {"rounds": 2, "trials_per_round": 2}
        tasks[name] = task
    return projects.create(folder, tasks, **config)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every result that is promised to be the same; ROOT files hold times, so their columns count."""
    found = {}
    for path in sorted((folder / "results").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in PROMISED:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.suffix == ".root":
            found[name] = _content(path)
    return found


def _content(path: Path) -> str:
    """A digest of all trees and histograms in a ROOT file."""
    digest = hashlib.sha256()
    with uproot.open(path) as file:
        for key, kind in sorted(file.classnames(cycle=False).items()):
            if kind == "TDirectory":
                continue
            known = file[key]
            columns = known.arrays(library="np") if kind == "TTree" else {"": known.values(), " ": known.variances()}
            for column in sorted(columns):
                digest.update(f"{key} {column}".encode() + columns[column].tobytes())
    return digest.hexdigest()
