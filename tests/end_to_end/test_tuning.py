"""A search of four trials, two of which fail: its results, their bytes, and what an edit of it reruns."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import projects
import pytest
import yaml
from snakeroot.data.files import read_json

TUNING = "results/first/models/net/tuning"
TRAINED = "results/first/models/net/fold0-replica0/model.json"


def task() -> dict[str, object]:
    """All four points of the space are tried: a point is never proposed twice."""
    space = {"training.learning_rate": {"choices": [0.01, 1e30]}, "hidden.units": {"int": [2, 3]}}
    tuning = {"sampler": "random", "rounds": 2, "trials_per_round": 2, "training": {"max_epochs": 2}, "space": space}
    training = {"max_epochs": 3, "optimizer": "sgd"}
    return projects.task(
        models={"net": {"architecture": "mlp", "hidden": {"layers": 1}, "training": training, "tuning": tuning}}
    )


def create(folder: Path) -> Path:
    projects.create(folder, {"first": task()})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=1000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=1000)
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Searched and trained; what follows from a network is that of any other."""
    folder = create(tmp_path_factory.mktemp("tuning") / "finished")
    projects.run(folder, TRAINED)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    names = ("json", "parquet", "log", "safetensors")
    paths = [path for name in names for path in (folder / "results/first/models").rglob(f"*.{name}")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_best_point_trains_the_network_and_failures_are_counted(finished: Path) -> None:
    best = read_json(finished / TUNING / "best.json")
    assert (best["failed"], best["point"]["training.learning_rate"]) == (2, 0.01)
    trials = read_json(finished / TUNING / "history1.json")["trials"]
    assert [trial["number"] for trial in trials] == [0, 1, 2, 3]
    assert len({str(trial["point"]) for trial in trials}) == 4
    assert best["metrics"]["loss"] == min(trial["metrics"]["loss"] for trial in trials if trial["metrics"])
    metadata = read_json(finished / TRAINED)
    assert metadata["settings"]["hidden"] == {"layers": 1, "units": best["point"]["hidden.units"]}
    assert (metadata["training"]["learning_rate"], metadata["training"]["max_epochs"]) == (0.01, 3)


def test_the_same_bytes_on_one_core_and_after_a_kill(finished: Path, tmp_path: Path) -> None:
    project = create(tmp_path / "project")
    projects.run(project, f"{TUNING}/round0/proposals.json")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", TRAINED]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    ) as run:
        while not list(project.glob(f"{TUNING}/round*/trial*/result.json")) and run.poll() is None:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
    projects.snakemake(project, "--unlock")
    projects.run(project, "--cores", "1", TRAINED)
    assert content(project) == content(finished)
    assert projects.plan(project, TRAINED) == Counter()


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))


def edit(project: Path, *keys: str, value: object) -> None:
    path = project / "config/tasks/first.yaml"
    known = yaml.safe_load(path.read_text())
    inner = known
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    projects.write_yaml(path, known)


def search(plan: Counter[str]) -> Counter[str]:
    """The jobs of the search, and the training that follows."""
    wanted = ("propose", "trials", "collect", "best", "train")
    return Counter({name: count for job, count in plan.items() if (name := job.split()[0]) in wanted})


ALL = Counter(propose=2, trials=4, collect=2, best=1, train=1)


@pytest.mark.parametrize(
    ("keys", "value", "jobs"),
    [
        (("rounds",), 3, Counter(propose=1, trials=2, collect=1, best=1, train=1)),
        (("sampler",), "tpe", ALL),
        (("space", "hidden.units"), {"int": [2, 4]}, ALL),
        (("training",), {"max_epochs": 1}, Counter(propose=1, trials=4, collect=2, best=1, train=1)),
    ],
)
def test_an_edit_of_the_search_reruns_what_it_must(
    project: Path, keys: tuple[str, ...], value: object, jobs: Counter[str]
) -> None:
    edit(project, "models", "net", "tuning", *keys, value=value)
    assert search(projects.plan(project)) == jobs


def test_what_is_shown_reruns_no_trial_and_a_network_no_search(project: Path) -> None:
    edit(project, "evaluation", "labels", value={"net": "a searched network"})
    assert search(projects.plan(project)) == Counter()
    edit(project, "models", "net", "replicas", value=2)
    assert search(projects.plan(project)) == Counter(train=1)


def test_no_trial_has_a_path_from_the_test_split(project: Path) -> None:
    shutil.rmtree(project / TUNING)
    said = projects.dry_run(project, "--forceall", f"{TUNING}/best.json")
    inputs = [line for line in said.splitlines() if line.startswith("    input:")]
    assert len(inputs) > 8
    assert not [line for line in inputs if "/test/" in line]
