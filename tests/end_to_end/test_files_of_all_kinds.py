"""One task with samples in files of different kinds: a folder, a list, a table of HDF5, and data without labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import kinds
import numpy as np
import projects
import pyarrow.parquet as pq


def columns(signal: bool, first: int, entries: int = 300) -> dict[str, list[Any]]:
    random = np.random.default_rng([signal, first])
    return {
        "run": [1 + signal] * entries,
        "event": list(range(first, first + entries)),
        "weight": random.uniform(0.5, 1.5, entries).tolist(),
        **{name: random.normal(float(signal), 1, entries).tolist() for name in "xy"},
    }


def test_samples_of_different_kinds_are_trained_on_and_scored(tmp_path: Path) -> None:
    samples = {
        "sig": {"class": "signal", "files": ["ntuples/signal"]},
        "bkg": {"class": "background", "files": ["ntuples/background.txt"]},
        "tables": {"class": "background", "files": ["ntuples/tables.h5"], "tree": "events"},
        "data": {"files": ["ntuples/data.npz"], "weight": 1, "data": True},
        "more": {"files": ["ntuples/all.csv"], "weight": 1, "selection": "run == 3"},
    }
    task = projects.task(samples=samples)
    del task["tree"]
    folder = projects.create(tmp_path / "project", {"mine": task})
    ntuples = folder / "ntuples"
    for number in range(2):
        kinds.write(ntuples / f"signal/{number}/a.parquet", columns(True, 1000 * number))
    kinds.write(ntuples / "b.csv.gz", columns(False, 0))
    kinds.write(ntuples / "c.csv", columns(False, 1000))
    (ntuples / "background.txt").write_text("# what was left\nntuples/b.csv.gz\nntuples/c.csv\n")
    table = columns(False, 2000)
    records = np.zeros(300, [(name, np.asarray(values).dtype) for name, values in table.items()])
    for name, values in table.items():
        records[name] = values
    with h5py.File(ntuples / "tables.h5", "w") as file:
        file["events"] = records
    unknown = {name: values for name, values in columns(False, 3000).items() if name != "weight"}
    kinds.write(ntuples / "data.npz", unknown)
    kinds.write(ntuples / "all.csv", unknown | {"run": [3, 4] * 150})

    wanted = ["results/mine/split/audit.json", "results/mine/models/net/predictions/unlabelled.parquet"]
    projects.run(folder, *wanted)
    audit = json.loads((folder / wanted[0]).read_text())
    assert audit["overlap"] == 0
    for name, entries in {"sig": 600, "bkg": 600, "tables": 300}.items():
        assert sum(split[name]["entries"] for split in audit["folds"][0].values()) == entries
    scored = pq.read_table(folder / wanted[1]).to_pandas()
    assert scored["sample"].value_counts().to_dict() == {"data": 300, "more": 150}
    assert scored["score"].between(0, 1).all()
    assert not projects.plan(folder, *wanted)

    kinds.write(ntuples / "d.csv", columns(False, 5000))
    with (ntuples / "background.txt").open("a") as file:
        file.write("ntuples/d.csv\n")
    assert projects.plan(folder, "results/mine/split/audit.json")["features mine bkg"] == 1
