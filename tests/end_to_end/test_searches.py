"""Searches of other kinds, each run once: with bad trials stopped early, sliding, and of two objectives."""

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
from snakeroot.data import tables
from snakeroot.data.files import read_json

MODELS = "results/first/models"
HALVED = f"{MODELS}/halved/tuning"
BEST = f"{HALVED}/best.json"
ONE_ROUND = f"{HALVED}/history0.json"
SPACE = {"training.learning_rate": {"float": [1e-3, 1.0], "log": True}, "hidden.units": {"int": [2, 8]}}
SEARCHES = {
    "halved": {
        "trials_per_round": 2,
        "pruning": {"name": "successive_halving", "minimum_epochs": 1},
        "confirm": {"trials": 3, "seeds": 2},
    },
    "slid": {"trials_per_round": 2, "schedule": "sliding"},
    "compared": {"trials_per_round": 3, "rounds": 1, "sampler": "nsga2", "objective": ["loss", "parameters"]},
}
"""The rungs of `halved` are at 1, 2 and 4 epochs."""


def create(folder: Path) -> Path:
    models = {
        name: {
            "architecture": "mlp",
            "hidden": {"layers": 1},
            "training": {"max_epochs": 4, "batch_size": 64},
            "tuning": {"sampler": "random", "rounds": 2, "space": SPACE, **search},
        }
        for name, search in SEARCHES.items()
    }
    projects.create(folder, {"first": projects.task(models=models)})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=1000)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=1000)
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create(tmp_path_factory.mktemp("searches") / "finished")
    front = "results/first/plots/tuning-front-compared.svg"
    timeline = "times/first/plots/tuning-timeline-halved.svg"
    projects.run(folder, *(f"{MODELS}/{name}/tuning/best.json" for name in SEARCHES), front, timeline)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """All that the first round of trials left behind."""
    paths = [folder / ONE_ROUND, *(path for path in (folder / f"{HALVED}/round0").rglob("*") if path.is_file())]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def trials(folder: Path, model: str) -> list[dict[str, object]]:
    known = tables.read(folder / f"{MODELS}/{model}/tuning/trials.parquet").to_pandas()
    return known[["number", "round", "state", "epochs"]].to_dict("records")


def test_half_of_the_trials_are_stopped_after_an_epoch(finished: Path) -> None:
    """The others were trained in three jobs, and one of them is the best."""
    found = trials(finished, "halved")
    assert sorted((trial["round"], trial["state"], trial["epochs"]) for trial in found) == [
        (0, "complete", 4),
        (0, "pruned", 1),
        (1, "complete", 4),
        (1, "pruned", 1),
    ]
    best = read_json(finished / BEST)
    assert found[best["trial"]]["state"] == "complete"
    assert (best["failed"], best["pruned"]) == (0, 2)


def test_the_best_are_trained_again_with_other_seeds(finished: Path) -> None:
    """Of three that were asked for, as two were trained to their end."""
    folder = finished / f"{HALVED}/confirmation"
    numbers = read_json(folder / "shortlist.json")["trials"]
    results = [
        [read_json(folder / f"trial{place}-seed{seed}/result.json")["trials"] for seed in "01"] for place in "012"
    ]
    assert results[2] == [[], []]
    again = read_json(finished / BEST)["confirmation"]
    found = trials(finished, "halved")
    assert [found[number]["state"] for number in numbers] == ["complete"] * 2
    for one, number, result in zip(again, numbers, results, strict=False):
        assert one["trial"] == number
        assert one["values"] == [trial["metrics"]["loss"] for [trial] in result]
        assert len(set(one["values"])) == 2, "by other seeds"
    assert len(again) == 2
    assert read_json(finished / BEST)["trial"] == min(again, key=lambda one: one["mean"])["trial"]


def test_sliding_trials_are_rounds_of_their_own(finished: Path) -> None:
    assert [(trial["round"], trial["state"]) for trial in trials(finished, "slid")] == [
        (number, "complete") for number in range(4)
    ]


def test_two_objectives_have_a_front(finished: Path) -> None:
    best = read_json(finished / f"{MODELS}/compared/tuning/best.json")
    front = [(trial["metrics"]["loss"], trial["metrics"]["parameters"]) for trial in best["front"]]
    assert front
    assert not any(other < own for own in front for other in front if other[1] <= own[1] and other[0] <= own[0])
    drawn = (finished / "results/first/plots/tuning-front-compared.csv").read_text().splitlines()
    assert len(drawn) == 1 + 3
    assert sum(line.endswith("True") for line in drawn) == len(front)


def test_the_same_bytes_on_one_core_and_after_a_kill(finished: Path, tmp_path: Path) -> None:
    project = create(tmp_path / "project")
    projects.run(project, f"{HALVED}/round0/proposals.json")
    command = [sys.executable, "-m", "snakemake", "--cores", "2", ONE_ROUND]
    with subprocess.Popen(
        command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, start_new_session=True
    ) as run:
        while not list(project.glob(f"{HALVED}/round0/trial*/rung0/result.json")) and run.poll() is None:
            time.sleep(0.05)
        os.killpg(run.pid, signal.SIGKILL)
    projects.snakemake(project, "--unlock")
    projects.run(project, "--cores", "1", ONE_ROUND)
    assert content(project) == content(finished)
    assert sum(name.endswith("result.json") for name in content(project)) == 2 * 3, (
        "of each trial two rungs and its end"
    )


AGAIN = {"shortlist": 1, "confirm": 6, "best": 1}
"""What follows from other trials."""


@pytest.mark.parametrize(
    ("keys", "value", "jobs"),
    [
        (("rounds",), 3, Counter(propose=1, rung=4, trials=2, collect=1, **AGAIN)),
        # the first rung of the first round is as it was
        (("pruning", "reduction_factor"), 3, Counter(propose=1, rung=6, trials=4, collect=2, **AGAIN)),
        (("pruning", "minimum_epochs"), 2, Counter(propose=1, rung=4, trials=4, collect=2, **AGAIN)),
        (("pruning",), None, Counter(propose=1, trials=4, collect=2, **AGAIN)),
        (("confirm", "trials"), 2, Counter(shortlist=1, confirm=4, best=1)),
        (("confirm", "seeds"), 3, Counter(confirm=3, best=1)),
        (("confirm",), None, Counter(best=1)),
    ],
)
def test_an_edit_reruns_what_it_must(
    finished: Path, tmp_path: Path, keys: tuple[str, ...], value: object, jobs: Counter[str]
) -> None:
    project = Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))
    path = project / "config/tasks/first.yaml"
    task = yaml.safe_load(path.read_text())
    place = task["models"]["halved"]["tuning"]
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    projects.write_yaml(path, task)
    assert Counter({job.split()[0]: count for job, count in projects.plan(project, BEST).items()}) == jobs


def test_the_longest_search_can_be_planned(tmp_path: Path) -> None:
    """A chain of more than a thousand jobs, Python's own limit, which Snakemake follows by recursion."""
    search = {"sampler": "random", "rounds": 1000, "trials_per_round": 1, "space": SPACE}
    model = {"architecture": "mlp", "hidden": {"layers": 1}, "tuning": search}
    folder = projects.create(tmp_path / "project", {"first": projects.task(models={"net": model})})
    projects.ntuple(folder / "ntuples/sig.root", signal=True, events=10)
    projects.ntuple(folder / "ntuples/bkg_0.root", signal=False, events=10)
    assert projects.plan(folder)["trials first net"] == 1000
