"""A flat ntuple with a row per jet, in folds, beside data that have no label and no weight: each row is scored once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import projects
import pyarrow.parquet as pq
import pytest
import uproot

FOLDS, EVENTS = 3, 300
EVENT = ["id_run", "id_event"]
ROW = [*EVENT, "id_jet"]
GROUPED = {"event_id": ["run", "event", "jet"], "group": ["run", "event"]}


def jets(path: Path, signal: bool, run: int, events: int = EVENTS, *, weight: bool = True) -> None:
    """Write one to three jets of each event."""
    random = np.random.default_rng(run)
    event = np.repeat(np.arange(events), random.integers(1, 4, events))
    columns = {
        "run": np.full(len(event), run),
        "event": event,
        "jet": np.arange(len(event)) - np.searchsorted(event, event),
        **{name: random.normal(float(signal), 1, len(event)) for name in "xy"},
        **({"weight": random.uniform(0.5, 1.5, len(event))} if weight else {}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with uproot.recreate(path) as file:
        file.mktree("events", {name: column.dtype for name, column in columns.items()})
        file["events"].extend(columns)


def create(folder: Path, **changes: object) -> Path:
    """Create a project of simulated jets and, in two files, data; of the second file few jets are selected."""
    task = projects.task(**changes)
    task["samples"]["data"] = {"files": ["ntuples/data_*.root"], "weight": 1}
    projects.create(folder, {"mine": task})
    jets(folder / "ntuples/sig.root", signal=True, run=1)
    jets(folder / "ntuples/bkg_0.root", signal=False, run=2)
    for number in range(2):
        jets(folder / f"ntuples/data_{number}.root", signal=False, run=3 + number, weight=False)
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    net = {"architecture": "mlp", "hidden": [4], "training": {"max_epochs": 3}}
    models = {
        "net": net,
        "trees": {"architecture": "gbdt", "max_leaf_nodes": 4, "training": {"max_epochs": 5}},
    }
    folder = create(
        tmp_path_factory.mktemp("jets") / "project",
        models=models,
        split={"folds": FOLDS},
        selection="(run < 4) | (event < 1)",
        **GROUPED,
    )
    wanted = ("split/audit.json", "models/net/predictions/test.parquet", "models/trees/predictions/unlabelled.parquet")
    projects.run(folder, *(f"results/mine/{file}" for file in wanted))
    return folder / "results/mine"


def read(*paths: Path) -> pd.DataFrame:
    found = pd.concat([pq.read_table(path).to_pandas() for path in paths], ignore_index=True)
    return found.astype({"sample": str, "part": str})


def test_jets_of_an_event_share_a_split_and_are_no_duplicates(finished: Path) -> None:
    audit = json.loads((finished / "split/audit.json").read_text())
    features = read(*finished.glob("features/[sb]*/*.parquet"))
    assert (audit["events"], audit["tested"]) == (len(features), len(features))
    assert (audit["groups"], audit["largest_group"]) == (2 * EVENTS, 3)
    assert audit["overlap"] == sum(audit["duplicates"]["within"].values()) == 0
    splits = [read(*finished.glob(f"split/fold0/{name}/[sb]*/*.parquet")) for name in ("train", "validation", "test")]
    of_splits = [set(split[EVENT].itertuples(index=False, name=None)) for split in splits]
    assert sum(map(len, of_splits)) == 2 * EVENTS == len(set.union(*of_splits))


def test_predictions_know_the_groups(finished: Path) -> None:
    found = read(finished / "models/net/predictions/test.parquet")
    assert found.columns[:5].tolist() == [*ROW, "group", "sample"]
    assert len(found[[*EVENT, "group"]].drop_duplicates()) == found["group"].nunique() == 2 * EVENTS


def test_every_row_without_a_label_is_scored_once_by_the_fold_that_would_test_it(finished: Path) -> None:
    found = read(finished / "models/trees/predictions/unlabelled.parquet")
    data = read(*finished.glob("features/data/*.parquet"))
    assert len(found) == len(data) > EVENTS
    assert set(found["sample"]) == {"data"}
    assert found["part"].nunique() == 2
    assert found["target"].isna().all()
    assert (found["weight"] == 1).all()
    assert found["score"].between(0, 1, inclusive="neither").all()
    pd.testing.assert_frame_equal(
        found[ROW].sort_values(ROW, ignore_index=True), data[ROW].sort_values(ROW, ignore_index=True)
    )
    for fold in range(FOLDS):
        tested = read(*finished.glob(f"split/fold{fold}/test/data/*.parquet"))
        assert found[ROW][found["fold"] == fold].to_numpy().tolist() == tested[ROW].to_numpy().tolist()


def test_without_folds_all_rows_without_a_label_are_scored(tmp_path: Path) -> None:
    folder = create(tmp_path / "project", **GROUPED)
    wanted = "results/mine/models/net/predictions/unlabelled.parquet"
    jobs = projects.plan(folder)
    assert (jobs["predict mine net"], jobs["predict_unlabelled mine net"]) == (1, 1)
    projects.run(folder, wanted)
    assert len(read(folder / wanted)) == len(read(*folder.glob("results/mine/features/data/*.parquet")))


def test_a_poor_event_id_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    folder = create(tmp_path / "project", event_id=["run", "event"], spectators=["jet"])
    done = projects.snakemake(folder, "--cores", "2", "results/mine/models/net/fold0-replica0/model.json")
    assert done.returncode != 0
    assert re.search(r"ntuples/\w+.root: event_id \[run, event\] does not tell events apart", done.stdout)
    assert "Add 'jet', by which they differ" in done.stdout
    assert "Traceback" not in done.stdout
    assert not (folder / "results/mine/models").exists()
