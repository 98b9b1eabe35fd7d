"""Samples as they come, through the whole road: -999, other names of branches, splits of the files, a first look."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import projects
import uproot
from snakeroot.data import tables
from snakeroot.data.files import read_json

EVENTS = 900
FILES = {"train": 0, "validation": 1, "test": 2}


def ntuple(path: Path, signal: bool, number: int, missing: float, names: dict[str, str]) -> None:
    """Write a tree in which y is -999 in a share of the events."""
    random = np.random.default_rng([signal, number])
    columns = {
        "x": random.normal(signal, 1, EVENTS).astype(np.float32),
        "y": np.where(random.random(EVENTS) < missing, -999, random.normal(signal / 2, 1, EVENTS)).astype(np.float32),
        "flag": np.full(EVENTS, number, np.int32),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with uproot.recreate(path) as file:
        file.mktree("events", {names.get(name, name): column for name, column in columns.items()})


def test_samples_as_they_come(tmp_path: Path) -> None:
    """Two tasks on the same files: splits by a branch; and by files, of which half of the entries are read."""
    names = {"x": "momentum", "y": "mass"}
    models = {
        "net": {"architecture": "mlp", "hidden": [8], "training": {"max_epochs": 3, "learning_rate": 0.01}},
        "trees": {"architecture": "gbdt", "training": {"max_epochs": 20}},
    }
    common = {"event_id": "entry", "weight": None, "missing": -999}
    sig, bkg = ([f"ntuples/{sample}_{number}.root" for number in range(3)] for sample in ("sig", "bkg"))
    one, other = {"class": "signal", "branches": names}, {"class": "background", "weight": 2}
    by_file = (
        dict(zip(FILES, ([path] for path in sig), strict=True)),
        dict(zip(FILES, ([path] for path in bkg), strict=True)),
    )
    by_branch = projects.task(
        **common,
        models=models,
        samples={"sig": {**one, "files": sig}, "bkg": {**other, "files": bkg}},
        split={"column": "flag", "train": 0, "validation": 1, "test": 2},
    )
    limited = projects.task(
        **common,
        models={"net": models["net"]},
        samples={"sig": {**one, "files": by_file[0]}, "bkg": {**other, "files": by_file[1]}},
        limit=3 * EVENTS // 2,
    )
    folder = projects.create(tmp_path / "project", {"branch": by_branch, "files": limited})
    for number in range(3):
        ntuple(folder / sig[number], signal=True, number=number, missing=0.2, names=names)
        ntuple(folder / bkg[number], signal=False, number=number, missing=0.6, names={})
    projects.run(folder)
    for task, rows, trained in (("branch", EVENTS, {"net", "trees"}), ("files", EVENTS // 2, {"net"})):
        results = folder / "results" / task
        audit = read_json(results / "split/audit.json")
        [fold] = audit["folds"]
        assert {fold[split][sample]["entries"] for split in FILES for sample in ("sig", "bkg")} == {rows}
        assert fold["train"]["bkg"]["weight"] == 2 * EVENTS
        scaling = read_json(results / "scaling/fold0.json")
        y = np.concatenate(
            [tables.read(path)["y"].to_numpy() for path in sorted((results / "split/fold0/train").rglob("*.parquet"))]
        )
        assert len(y) == 2 * rows
        assert scaling["y"]["median"] == [np.nanmedian(y.astype(float))]
        assert scaling["y"]["missing"] == [np.isnan(y).sum()]
        assert read_json(results / "models/net/fold0-replica0/model.json")["indicators"] == ["y"]
        metrics = read_json(results / "metrics.json")["models"]
        assert set(metrics) == trained
        assert min(model["test"]["auc"] for model in metrics.values()) > 0.78  # 0.76 of x alone
        assert "missing" in (results / "plots/input-y.svg").read_text()
        assert "missing" not in (results / "plots/input-x.svg").read_text()
    report = re.sub(r"\s+", " ", (folder / "results/report.html").read_text())
    assert report.count("<h3>Missing values</h3>") == 2
    assert report.count("events are identified by file and entry") == 2
    assert report.count("entries of bkg are read (limit); their weights stand for all") == 1
    assert not projects.plan(folder)
