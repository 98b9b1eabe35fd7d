"""The way back into the analysis: exported models, friends and cards, and that what is printed works."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import projects
import pytest
import uproot
from snakeroot.data import tables
from snakeroot.data.files import read_json

EVENTS = 400
MODELS = ("net", "trees")
SEARCH = {
    "sampler": "random",
    "rounds": 1,
    "trials_per_round": 1,
    "space": {"training.batch_size": {"choices": [33]}},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task with a sample without a class, and two models, as far as their exports, friends and cards."""
    models = {
        "net": {"architecture": "mlp", "hidden": [4], "replicas": 2, "training": {"max_epochs": 2}, "tuning": SEARCH},
        "trees": {"architecture": "gbdt", "training": {"max_epochs": 5}, "calibration": "isotonic"},
    }
    task = projects.task(models=models, selection="x > -0.5", friends={"format": "TTree"})
    task["samples"]["other"] = {"files": ["ntuples/other.root"], "branches": {"y": "z"}}
    folder = projects.create(tmp_path_factory.mktemp("applied") / "project", {"mine": task})
    for number, name in enumerate(("sig", "bkg_0", "other")):
        projects.ntuple(folder / f"ntuples/{name}.root", signal=name == "sig", events=EVENTS, first=number * EVENTS)
    of_models = ("model.onnx", "card.md", "friends/sig", "friends/bkg", "friends/other")
    projects.run(folder, *(f"results/mine/models/{model}/{name}" for model in MODELS for name in of_models))
    return folder


def apply(folder: Path, *words: str) -> None:
    environment = {"PYTHONPATH": str(folder / "workflow"), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-m", "snakeroot.apply", *words], cwd=folder, env=environment, check=True)


@pytest.mark.parametrize(("model", "sample"), [("net", "sig"), ("trees", "other")])
def test_friends_and_apply_say_the_same_of_every_entry(finished: Path, model: str, sample: str) -> None:
    results = f"results/mine/models/{model}"
    out = f"{model}-{sample}.root"
    apply(finished, f"{results}/model.onnx", f"ntuples/{sample}.root", out, "--sample", sample)
    [friend] = (finished / results / "friends" / sample).glob("*.root")
    with uproot.open(finished / out) as file:
        applied = file["events"].arrays(library="np")
    with uproot.open(friend) as file:
        known = file["events"].arrays(library="np")
    with uproot.open(finished / f"ntuples/{sample}.root") as file:
        x = file["events"]["x"].array(library="np")
    assert len(known["event"]) == EVENTS
    np.testing.assert_array_equal(known[f"{model}_selected"], x > -0.5)
    assert set(known[f"{model}_split"]) == ({-1, 3} if sample == "other" else {-1, 0, 1, 2})
    for name, values in applied.items():
        np.testing.assert_allclose(values, known[name], atol=1e-6, err_msg=name)


def test_scores_are_calibrated_everywhere(finished: Path) -> None:
    """The network's own calibration has made them; the other model has none."""
    results = finished / "results/mine/models"
    assert not list((results / "net").rglob("calibration.json"))
    fitted = read_json(results / "trees/fold0-replica0/calibration.json")
    assert fitted["loss"]["after"] < fitted["loss"]["before"]  # after 5 trees
    least, greatest = fitted["probabilities"][0], fitted["probabilities"][-1]
    for split in ("test", "unlabelled"):
        scores = tables.read(results / f"trees/predictions/{split}.parquet")["score"].to_numpy()
        assert (scores.min(), scores.max()) == pytest.approx((least, greatest))
    assert "| Calibration | isotonic, fitted on the validation split |" in (results / "trees/card.md").read_text()


def test_the_command_on_a_card_works_as_it_is_printed(finished: Path) -> None:
    card = (finished / "results/mine/models/net/card.md").read_text()
    [command] = re.findall(r"```sh\nsnakeroot apply (.*)\n```", card)
    apply(finished, *shlex.split(command))
    with uproot.open(finished / "scores.root") as file:
        assert file["events"].num_entries == EVENTS
    assert "| Kind of task | binary |" in card
    assert '"batch\\_size":33' in card, "what the search found, and not what stands in the task"
    assert "Events in two splits: 0" in card
