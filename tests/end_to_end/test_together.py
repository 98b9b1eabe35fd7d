"""Samples that are parts of one file, which one job reads for all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import projects
import yaml
from snakeroot.data import tables

EVENTS = 900
LABELS = {"b": 5, "c": 4, "light": 0}


def test_flavours_of_one_file(tmp_path: Path) -> None:
    """Three classes by label, of two files."""
    given = {
        "samples": {
            name: {"files": ["ntuples/jets_*.root"], "class": name, "selection": f"flavour == {label}"}
            for name, label in LABELS.items()
        },
        "kind": "multiclass",
        "spectators": ["flavour"],
    }
    folder = projects.create(tmp_path / "project", {"jets": projects.task(**given)})
    for number in range(2):
        flavour = np.random.default_rng(number).choice(list(LABELS.values()), EVENTS).astype(np.int32)
        projects.ntuple(folder / f"ntuples/jets_{number}.root", True, EVENTS, first=number * EVENTS, flavour=flavour)
    asked = "results/jets/normalisation.json"
    assert {rule: count for rule, count in projects.plan(folder, asked).items() if "features" in rule} == {
        "features-jets-0 jets": 2
    }
    projects.run(folder, asked)
    assert not projects.plan(folder, asked)
    rows = 0
    for name, label in LABELS.items():
        paths = sorted((folder / "results/jets/features" / name).glob("*.parquet"))
        found = tables.read_all(paths)["flavour"].to_numpy()
        assert set(found) == {label}
        assert len(paths) == 2
        rows += len(found)
    assert rows == 2 * EVENTS

    # another selection of one of them reads its files again, and theirs alone
    path = folder / "config/tasks/jets.yaml"
    task = yaml.safe_load(path.read_text())
    task["samples"]["c"]["selection"] = "(flavour == 4) & (x > -1)"
    task["samples"]["b"]["files"] = ["ntuples/jets_0.root"]
    projects.write_yaml(path, task)
    plan = projects.plan(folder, asked)
    assert {rule: count for rule, count in plan.items() if "features" in rule} == {
        "features-jets-0 jets": 1,
        "features-jets-1 jets": 1,
    }
    projects.run(folder, asked)
    assert not projects.plan(folder, asked)

    # of a task that the config does not name, each sample reads for itself
    projects.write_yaml(folder / "config/tasks/others.yaml", task)
    plan = projects.plan(folder, "results/others/normalisation.json")
    assert {rule: count for rule, count in plan.items() if "features" in rule} == {
        "features others b": 1,
        "features others c": 2,
        "features others light": 2,
    }
