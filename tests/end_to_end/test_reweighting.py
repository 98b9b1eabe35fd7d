"""Trainings with weights of their own and with a penalty, in folds: what changes, and what must not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import projects
import pyarrow.parquet as pq
import pytest

NET = {"architecture": "mlp", "hidden": [4]}
TRAINING = {"max_epochs": 3, "batch_size": 256}
MODELS = {
    "planed": {**NET, "reweighting": "flat", "training": TRAINING},
    "disco": {**NET, "training": {**TRAINING, "decorrelate": {"variable": "z", "strength": 10}}},
    "trees": {
        "architecture": "gbdt",
        "reweighting": "flat",
        "training": {"max_epochs": 5, "priors": {"signal": 1, "background": 3}},
    },
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    task = projects.task(
        models=MODELS,
        spectators=["z"],  # in no network
        reweighting={"flat": {"variables": {"z": {"range": [-2, 3], "bins": 10}}}},
        split={"folds": 2},
    )
    task["evaluation"] |= {"axes": {"z": {"label": "z", "range": [-3, 4], "bins": 14}}}
    folder = projects.create(tmp_path_factory.mktemp("reweighting") / "project", {"mine": task})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=3000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=3000)
    projects.run(folder, *(f"results/mine/{file}" for file in ("plots/reweighting.svg", "plots/trade-off.svg")))
    return folder / "results/mine"


def test_each_fold_has_factors_of_its_own_train_split(finished: Path) -> None:
    tables = [json.loads((finished / f"reweighting/flat/fold{fold}.json").read_text()) for fold in range(2)]
    for fold, table in enumerate(tables):
        for name, sample in (("background", "bkg"), ("signal", "sig")):
            known = table["classes"][name]
            files = (finished / f"split/fold{fold}/train/{sample}").glob("*.parquet")
            rows = [pq.read_table(path).to_pandas() for path in files]
            z, weight = (np.concatenate([one[column] for one in rows]) for column in ("z", "weight"))
            edges = table["variables"][0]["edges"]
            contents = np.histogram(np.clip(z, -2, 2.999), edges, weights=weight)[0]
            np.testing.assert_allclose(known["weights"], contents, rtol=1e-9)
            assert sum(known["entries"]) == len(z)
            after = contents * known["factors"]
            free = np.array(known["limited"]) == 0
            np.testing.assert_allclose(after[free], after[free][0])
            assert after.sum() == pytest.approx(contents.sum())
    assert tables[0]["classes"] != tables[1]["classes"]


def test_predictions_keep_the_weights_of_the_events(finished: Path) -> None:
    of_models = {name: pq.read_table(finished / f"models/{name}/predictions/test.parquet") for name in MODELS}
    first, *others = of_models.values()
    assert all(first["weight"].equals(other["weight"]) for other in others)


def test_the_history_of_a_penalised_training_and_its_settings(finished: Path) -> None:
    history = pq.read_table(finished / "models/disco/fold1-replica0/history.parquet")
    values = history["validation_distance_correlation"].to_numpy()
    assert ((values > 0) & (values < 1)).all()
    planed = pq.read_table(finished / "models/planed/fold1-replica0/history.parquet")
    assert set(history.column_names) - set(planed.column_names) == {"validation_distance_correlation"}
    metadata = json.loads((finished / "models/planed/fold1-replica0/model.json").read_text())
    assert metadata["reweighting"] == "flat"


def test_the_figures_have_all_models(finished: Path) -> None:
    lines = (finished / "plots/trade-off.csv").read_text().splitlines()
    assert {line.split(",")[1] for line in lines[1:]} == set(MODELS)
    assert (finished / "plots/reweighting.csv").read_text().count("background") == 10
