"""Tasks on real files, where these are, with short trainings: jets of a NanoAOD file, and images of an HDF5 file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import projects
import yaml
from data import real_file
from snakeroot.data import tables
from snakeroot.data.files import read_json

TASKS = projects.REPOSITORY / "tests/results/tasks"


def measured(folder: Path, name: str, model: str, **training: int) -> dict[str, Any]:
    """Run one model of a task up to its metrics."""
    task = yaml.safe_load((TASKS / f"{name}.yaml").read_text())
    for sample in task["samples"].values():
        sample["files"] = [str(real_file(f"real/{file}")) for file in sample["files"]]
    task["models"] = {model: task["models"][model] | {"replicas": 1}}
    task["models"][model]["training"] |= training
    task["evaluation"] = {"bootstrap": 20}
    projects.create(folder, {name: task})
    projects.run(folder, f"results/{name}/metrics.json", "--cores", "2")
    found: dict[str, Any] = read_json(folder / f"results/{name}/metrics.json")
    return found


def test_the_b_tag_score_of_real_jets(tmp_path: Path) -> None:
    found = measured(tmp_path / "project", "b-tag-score", "gbdt", max_epochs=60)
    assert found["models"]["gbdt"]["test"]["r2"] > 0.5
    predictions = tables.read(tmp_path / "project/results/b-tag-score/models/gbdt/predictions/test.parquet").to_pandas()
    assert not predictions.duplicated(["sample", "part", "entry", "object"]).any()
    assert predictions.duplicated(["sample", "part", "entry"]).any(), "several jets of an event, all in one split"


def test_the_jet_images_of_the_exercise(tmp_path: Path) -> None:
    found = measured(tmp_path / "project", "jet-images", "exercise", max_epochs=6)
    assert found["models"]["exercise"]["test"]["auc"] > 0.94
