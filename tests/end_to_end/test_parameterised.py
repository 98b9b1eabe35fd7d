"""A resonance at five masses: a network that is told the mass, also where it has not learned from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bumps
import numpy as np
import projects
import pytest
import uproot
import yaml
from snakeroot.data import tables
from snakeroot.data.files import read_json

EVENTS, BACKGROUND = 2000, 10_000
LEFT_OUT = 1000.0
NET = {
    "architecture": "mlp",
    "hidden": [32, 32],
    "training": {"max_epochs": 25, "batch_size": 256, "learning_rate": 3e-3},
}
OTHERS = [mass for mass in bumps.MASSES if mass != LEFT_OUT]
MODELS = {
    "all": NET,
    "between": {**NET, "trained_at": {"mass": OTHERS}},
    "alone": {**NET, "inputs": ["m", "pt"], "trained_at": {"mass": [LEFT_OUT]}},
    "blind": {**NET, "inputs": ["m", "pt"]},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Samples of one mass and of two, background, and data, of which no network knows; and the same in two folds."""
    task = bumps.task(models=MODELS, friends={"format": "TTree"}, evaluation={"bootstrap": 50})
    several = {"class": "signal", "files": [], "parameters": {"mass": "1.0 * truth"}}
    for mass in (750, 1250):
        several["files"] += task["samples"].pop(f"signal_{mass}")["files"]
    task["samples"] |= {"several": several, "data": {"files": ["ntuples/data.root"], "data": True}}
    short = {**NET, "training": {"max_epochs": 1}}
    folds = {**task, "models": {"net": short}, "split": {"folds": 2}, "friends": None}
    folder = projects.create(tmp_path_factory.mktemp("bumps") / "project", {"mine": task, "folds": folds})
    bumps.ntuples(folder / "ntuples", EVENTS, BACKGROUND)
    with uproot.open(folder / "ntuples/background.root") as file:
        known = file["events"].arrays(entry_stop=500, library="np")  # copies of events that networks learn from
    with uproot.recreate(folder / "ntuples/data.root") as file:
        file.mktree("events", {name: values.dtype for name, values in known.items()})
        file["events"].extend(known)
    files = ["metrics.json", "plots/parameter.svg", "models/all/predictions/unlabelled.parquet"]
    files += [
        "models/all/model.onnx",
        *(f"models/all/friends/{sample}" for sample in ("several", "background", "data")),
    ]
    more = ["results/folds/metrics.json", "results/folds/models/net/predictions/unlabelled.parquet"]
    projects.run(folder, *(f"results/mine/{file}" for file in files), *more)
    return folder


def test_an_event_has_one_mass_in_all_splits_folds_models_and_samples(finished: Path) -> None:
    of_events: dict[str, dict[tuple[int, int], float]] = {"mine": {}, "folds": {}}
    for path in (finished / "results").glob("*/models/*/predictions/*.parquet"):
        known = tables.read(path, ["id_run", "id_event", "sample", "mass"]).to_pandas()
        assert set(known["mass"]) == set(bumps.MASSES)
        for run, event, sample, mass in known.itertuples(index=False):
            assert of_events[path.parts[-5]].setdefault((run, event), mass) == mass, sample
    assert len(of_events["mine"]) == 5 * EVENTS + BACKGROUND


def test_signal_has_its_own_mass(finished: Path) -> None:
    known = tables.read(finished / "results/mine/models/all/predictions/test.parquet").to_pandas()
    signal = known[known["target"] == 1]
    np.testing.assert_array_equal(signal["mass"], np.asarray(bumps.MASSES)[signal["id_run"]])


def test_it_separates_nearly_as_well_where_it_was_not_trained_as_a_network_that_was(finished: Path) -> None:
    metrics = read_json(finished / "results/mine/metrics.json")
    auc = {
        name: {one["at"]["mass"]: one["auc"] for one in model["points"]} for name, model in metrics["models"].items()
    }
    known = {name: [one["trained"] for one in model["points"]] for name, model in metrics["models"].items()}
    assert known["between"] == [True, True, False, True, True]
    assert known["alone"] == [False, False, True, False, False]
    for mass in bumps.MASSES:
        optimum = bumps.best(mass)
        for name in ("all", "between"):
            assert optimum - 0.03 < auc[name][mass] < optimum + 0.01, (name, mass, auc[name], optimum)
    assert auc["between"][LEFT_OUT] > auc["alone"][LEFT_OUT] - 0.01
    for mass in bumps.MASSES[:2]:
        assert auc["between"][mass] > auc["blind"][mass] + 0.01  # which cannot know for which bump to look
    assert auc["alone"][500.0] < auc["between"][500.0] - 0.1


def test_friends_and_apply_have_the_score_at_each_point(finished: Path) -> None:
    models = finished / "results/mine/models"
    for sample, file in (("several", "signal_750"), ("data", "data")):
        [friend] = [one for one in (models / "all/friends" / sample).glob("*.root") if one.name.startswith(file)]
        with uproot.open(friend) as opened:
            known = opened["events"].arrays(library="np")
        words = [str(models / "all/model.onnx"), str(finished / f"ntuples/{file}.root"), "out.root"]
        environment = {"PYTHONPATH": str(finished / "workflow"), "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "-m", "snakeroot.apply", *words, "--at", "mass=900", "--at", "mass=1000"]
        subprocess.run(command, cwd=finished, env=environment, check=True)
        with uproot.open(finished / "out.root") as opened:
            applied = opened["events"].arrays(library="np")
        np.testing.assert_allclose(applied["all_score_mass_1000"], known["all_score_mass_1000"], atol=1e-5)
        assert {f"all_score_mass_{mass:g}" for mass in bumps.MASSES} < set(known)
        assert "all_score_mass_900" in applied
        assert "all_score" not in applied


def test_another_point_reads_no_ntuple_again_and_trains_again(finished: Path, tmp_path: Path) -> None:
    path = finished / "config/tasks/mine.yaml"
    text = path.read_text()
    try:
        task = yaml.safe_load(text)
        task["parameters"]["mass"].append(2000.0)
        projects.write_yaml(path, task)
        jobs = projects.plan(finished, "results/mine/metrics.json")
    finally:
        path.write_text(text)
    rules = {job.split()[0] for job in jobs}
    assert "features" not in rules
    assert {"split", "scale", "train", "predict", "metrics"} <= rules
    assert not {job for job in jobs if job.startswith("split") and "signal_500" in job}  # its own mass is what it was
