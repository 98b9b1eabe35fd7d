"""A binary task whose networks learn a number and a label beside it, from ntuples to report, export and friends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import projects
import pyarrow.parquet as pq
import pytest
import uproot

TRAINING = {"max_epochs": 8, "batch_size": 256, "learning_rate": 0.02, "auxiliary": {"number": 0.5, "label": 1}}
MODELS = {"several": {"architecture": "mlp", "hidden": [8], "replicas": 2, "training": TRAINING}}
AUXILIARY = {
    "number": {"kind": "regression", "target": "where(x > 3, -1, 80 + 10 * y)", "samples": ["sig"]},
    "label": {"kind": "binary", "target": "y > 0"},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    task = projects.task(models=MODELS, auxiliary=AUXILIARY, missing={"number": -1}, friends={})
    axes = {"number": {"label": "mass", "unit": "GeV"}}
    task["evaluation"] |= {"importance": None, "axes": axes, "labels": {"label": "high"}}
    folder = projects.create(tmp_path_factory.mktemp("several") / "project", {"mine": task})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=3000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=3000)
    said = projects.run(folder)
    assert "Nothing to be done" in projects.dry_run(folder), said
    return folder / "results"


def test_each_target_is_measured_in_the_rows_in_which_it_is_known(finished: Path) -> None:
    metrics = json.loads((finished / "mine/metrics.json").read_text())
    found = metrics["models"]["several"]["auxiliary"]
    rows = pq.read_table(finished / "mine/models/several/predictions/test.parquet").to_pandas()
    assert rows.loc[rows["sample"] == "bkg", "target.number"].isna().all()
    known = rows[rows["target.number"].notna()]
    assert 0.9 < len(known) / (rows["sample"] == "sig").sum() < 1  # without those of x > 3
    of_replicas = [
        np.sqrt(np.average((known[f"prediction.number_{one}"] - known["target.number"]) ** 2, weights=known["weight"]))
        for one in range(2)
    ]
    assert found["number"]["test"]["rmse"] == pytest.approx(np.mean(of_replicas))
    assert found["number"]["test"]["rmse_spread"] == pytest.approx(np.std(of_replicas, ddof=1))
    assert max(of_replicas) < 3  # of a spread of 10
    assert found["number"]["ensemble"]["test"]["rmse"] < 3
    right = (rows["score.label"] > 0.5) == (rows["target.label"] == 1)
    assert right.mean() > 0.95
    assert found["label"]["test"]["auc"] > 0.98
    assert "significance" not in found["label"]["test"]


def test_the_main_target_is_exported_as_it_is_predicted(finished: Path) -> None:
    session = onnxruntime.InferenceSession(finished / "mine/models/several/model.onnx")
    assert [one.name for one in session.get_outputs()] == ["score", "score_spread"]
    rows = pq.read_table(finished / "mine/models/several/predictions/test.parquet").to_pandas()
    with uproot.open(f"{finished.parent}/ntuples/sig.root:events") as tree:
        own = rows[rows["sample"] == "sig"]
        places = own["entry"].to_numpy()
        inputs = {name: tree[name].array(library="np")[places, np.newaxis] for name in "xy"}
    scores = session.run(["score"], inputs)[0][:, 0]
    np.testing.assert_allclose(scores, own["score"], atol=1e-6)


def test_friends_have_all_of_them(finished: Path) -> None:
    [friend] = (finished / "mine/models/several/friends/sig").glob("*.root")
    with uproot.open(friend) as file:
        names = {branch for tree in file.values() for branch in tree.keys()}  # noqa: SIM118 - not a mapping
    assert {f"several_{name}" for name in ("score", "prediction_number", "score_label")} <= names


def test_the_report_has_a_table_and_figures_of_each(finished: Path) -> None:
    page = (finished / "report.html").read_text()
    assert "Learned beside it: number" in page
    assert "Learned beside it: label" in page
    assert "several, number" in page
    drawn = {path.name for path in (finished / "mine/plots").glob("*.*.svg")}
    expected = {"prediction-several.number", "residuals.number", "response.number"}
    expected |= {"roc.label", "scores-several.label", "calibration.label"}
    assert drawn == {f"{name}.svg" for name in expected}
