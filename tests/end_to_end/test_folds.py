"""Folds and replicas on a small project: all of the simulation is scored, by networks that have not seen it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import projects
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file

FOLDS, REPLICAS, EVENTS = 2, 2, 900
KEY = ["sample", "part", "entry"]
ID = ["id_run", "id_event"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one model that takes both features, as far as its metrics."""
    net = {"architecture": "mlp", "hidden": [4], "replicas": REPLICAS, "training": {"max_epochs": 3}}
    task = projects.task(models={"net": net}, split={"folds": FOLDS}, luminosity=2.0)
    folder = projects.create(tmp_path_factory.mktemp("folds") / "project", {"mine": task})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=EVENTS)
    for part in range(2):
        projects.ntuple(folder / f"ntuples/bkg_{part}.root", signal=False, events=EVENTS, first=part * EVENTS)
    wanted = ("results/mine/metrics.json", "results/mine/split/audit.json")
    projects.run(folder, *wanted)
    assert not projects.plan(folder, *wanted)
    return folder / "results/mine"


def read(*paths: Path) -> pd.DataFrame:
    return pd.concat([pq.read_table(path).to_pandas() for path in paths], ignore_index=True).astype(
        {"sample": str, "part": str}
    )


def split_of(results: Path, fold: int, split: str) -> pd.DataFrame:
    return read(*sorted((results / f"split/fold{fold}/{split}").rglob("*.parquet")))


def events(table: pd.DataFrame) -> set[tuple[int, int]]:
    return set(table[ID].itertuples(index=False, name=None))


@pytest.fixture
def combined(finished: Path) -> pd.DataFrame:
    return read(finished / "models/net/predictions/test.parquet")


def test_every_event_is_scored_exactly_once(finished: Path, combined: pd.DataFrame) -> None:
    features = read(*sorted((finished / "features").rglob("*.parquet")))
    assert len(features) == 3 * EVENTS
    pd.testing.assert_frame_equal(
        combined[[*ID, *KEY, "target"]].sort_values(ID, ignore_index=True),
        features[[*ID, *KEY, "target"]].sort_values(ID, ignore_index=True),
    )


def test_by_the_networks_that_have_not_seen_it(finished: Path, combined: pd.DataFrame) -> None:
    for fold in range(FOLDS):
        rows = combined[combined["fold"] == fold].reset_index(drop=True)
        tested = split_of(finished, fold, "test")
        assert events(rows) == events(tested)
        for split in ("train", "validation"):
            seen = events(split_of(finished, fold, split))
            assert len(seen) > 100
            assert not seen & events(rows)
        for replica in range(REPLICAS):
            own = read(finished / f"models/net/fold{fold}-replica{replica}/predictions/test.parquet")
            assert (own[KEY] == rows[KEY]).all(axis=None)
            assert (own["score"] == rows[f"score_{replica}"]).all()


def test_with_the_scaling_of_the_folds_own_train_split(finished: Path) -> None:
    scalings = []
    for fold in range(FOLDS):
        train = split_of(finished, fold, "train")[["x", "y"]].astype(np.float64)
        scaling = json.loads((finished / f"scaling/fold{fold}.json").read_text())
        for name in ("x", "y"):
            assert scaling[name]["mean"] == pytest.approx([train[name].mean()], rel=1e-9)
            assert scaling[name]["standard_deviation"] == pytest.approx([train[name].std(ddof=0)], rel=1e-9)
        for replica in range(REPLICAS):
            weights = load_file(finished / f"models/net/fold{fold}-replica{replica}/model.safetensors")
            np.testing.assert_allclose(weights["mean"], [scaling[name]["mean"][0] for name in ("x", "y")], rtol=1e-6)
        scalings.append(scaling["x"]["mean"][0])
    assert len(set(scalings)) == FOLDS


def test_the_score_is_the_mean_of_different_replicas(combined: pd.DataFrame) -> None:
    first, second = combined["score_0"], combined["score_1"]
    assert (first != second).mean() > 0.99
    np.testing.assert_allclose(combined["score"], (first + second) / 2, rtol=1e-14)
    np.testing.assert_allclose(combined["score_spread"], np.abs(first - second) / np.sqrt(2), rtol=1e-9, atol=1e-16)


def test_the_numbers_are_of_all_networks(finished: Path, combined: pd.DataFrame) -> None:
    [model] = json.loads((finished / "metrics.json").read_text())["models"].values()
    assert model["networks"] == FOLDS * REPLICAS
    assert model["test"]["auc_spread"] > 0
    assert "auc_spread" not in model["ensemble"]["test"]
    found = model["ensemble"]["test"]
    passing = combined[(combined["score"] >= found["significance_cut"]) & (combined["target"] == 1)]
    assert found["significance_signal"] == pytest.approx(passing["weight"].sum()), "each event once, at its yield"
    audit = json.loads((finished / "split/audit.json").read_text())
    assert (len(audit["folds"]), audit["events"], audit["tested"], audit["overlap"]) == (FOLDS, 2700, 2700, 0)
