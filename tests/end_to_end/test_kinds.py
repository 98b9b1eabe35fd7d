"""Every kind of task on small ntuples, from the config to the report; and a search in one that is not binary."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import projects
import pytest
from snakeroot.apply.model import load
from snakeroot.data.files import read_json

OWN = {"starttime", "endtime", "job_hash", "input_checksums"}
"""What in Snakemake's record of a job no two runs have in common."""

SAMPLES = {name: {"files": [f"ntuples/{name}.root"]} for name in ("sig", "bkg", "third")}
TWO = {name: SAMPLES[name] for name in ("sig", "bkg")}


def tasks() -> dict[str, dict[str, object]]:
    search = {"sampler": "random", "rounds": 1, "trials_per_round": 2, "trials_per_job": 2, "objective": ["accuracy"]}
    space = {"max_leaf_nodes": {"int": [2, 8]}}
    boosted = {"architecture": "gbdt", "replicas": 2, "training": {"max_epochs": 5}}
    return {
        "classes": projects.task(
            kind="multiclass",
            samples={name: {**sample, "class": name} for name, sample in SAMPLES.items()},
            features={"x": "x"},
            models={"trees": boosted | {"tuning": search | {"space": space}}},
        ),
        "number": projects.task(
            kind="regression",
            samples=TWO,
            target="x + 2 * y",
            models={
                "line": {
                    "architecture": "linear",
                    "training": {"loss": "likelihood", "max_epochs": 60, "learning_rate": 0.05},
                }
            },
        ),
        "groups": projects.task(
            kind="unsupervised",
            samples=TWO,
            features={"x": "x", "y": "y", "z": "z"},
            models={
                "plane": {"architecture": "pca", "components": 2},
                "centres": {"architecture": "kmeans", "clusters": 2},
            },
        ),
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = projects.create(tmp_path_factory.mktemp("kinds") / "project", tasks())
    for run, name in enumerate(SAMPLES):
        projects.ntuple(folder / f"ntuples/{name}.root", signal=bool(run % 2), events=600, first=10_000 * run)
    projects.run(folder)
    return folder


def test_every_kind_is_measured(finished: Path) -> None:
    found = {task: read_json(finished / f"results/{task}/metrics.json") for task in tasks()}
    assert {task: metrics["kind"] for task, metrics in found.items()} == {
        "classes": "multiclass",
        "number": "regression",
        "groups": "unsupervised",
    }
    assert set(found["classes"]["models"]["trees"]["test"]["auc"]) == set(SAMPLES)
    assert "auc_macro_spread" in found["classes"]["models"]["trees"]["test"], "two seeds"
    line = found["number"]["models"]["line"]["test"]
    assert line["r2"] > 0.99, "the target is a linear function of the inputs"
    assert line["sharpness"] < 0.3, "so there is little to be uncertain of"
    assert {path.stem for path in (finished / "results/number/plots").glob("*.svg")} >= {"pull", "coverage"}
    exported = load(finished / "results/number/models/line/model.onnx").description.outputs
    assert exported == ["prediction", "sigma"]
    assert set(found["groups"]["models"]) == {"plane", "centres"}
    assert found["groups"]["models"]["plane"]["test"]["explained_variance"] > 0.6


def test_the_report_has_all_of_them_and_nothing_is_left_to_do(finished: Path) -> None:
    report = (finished / "results/report.html").read_text()
    assert all(f'id="{task}"' in report for task in tasks())
    assert ">trees, ensemble</th>" in report, "of two seeds"
    assert projects.plan(finished) == Counter()


def records(folder: Path) -> dict[str, dict[str, object]]:
    """What Snakemake notes of each output, with the checksums of what was there before the first job."""
    paths = [path for path in (folder / ".snakemake/metadata").rglob("*") if path.is_file()]
    found = {path.name: json.loads(path.read_text()) for path in paths}
    return {
        name: {key: value for key, value in record.items() if key not in OWN}
        | {path: checksum for path, checksum in record["input_checksums"].items() if path.startswith("ntuples/")}
        for name, record in found.items()
    }


def test_a_project_that_is_only_marked_as_finished_has_the_records_of_one_that_is(
    finished: Path, tmp_path: Path
) -> None:
    """So the table in tests/dag, which is about such a project, says what is run again of a finished one."""
    marked = projects.create(tmp_path / "marked", tasks())
    shutil.copytree(finished / "ntuples", marked / "ntuples")
    projects.finish(marked)
    assert records(marked) == records(finished)
    assert sum("ntuples/sig.root" in record for record in records(marked).values()) == 2 * len(tasks())
