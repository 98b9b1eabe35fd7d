"""The same workflow on a laptop and on a farm: the same bytes, and each job where it belongs."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import projects
import pytest
import shipped
import yaml
from cluster import farm as farms
from cluster.conftest import ASK, STAGES, content, create
from cluster.farm import Farm, Seen, Watch
from cluster.processes import wait_until

LOCAL = {"normalise", "propose", "collect", "best", "history", "convergence", "report", "all"}
MADE = ("results", "logs", "times", "provenance", "checkpoints", ".snakemake")
GROUPS = ("features", "split", "combine", "figures")
NETWORKS = {"snakeroot.train", "snakeroot.predict", "snakeroot.tune.trials"}
NODES = {"slurm": ({"n1", "n2"}, {"n3", "n4"}), "htcondor": ({"cpu"}, {"gpu"})}
NONE = (None, "", "10000")
"""Without a GPU; HTCondor says it by a number that no GPU has."""
DEVICES = {"slurm": r"[01]", "htcondor": r"GPU-[0-9a-f-]+"}


def check_places(farm: Farm, seen: list[Seen]) -> None:
    """Each process of a network had the GPU that the scheduler gave it; no other had one, or was on such a node."""
    cpu, gpu = NODES[farm.name]
    assert seen
    for one in seen:
        if one.module in NETWORKS:
            assert one.node in gpu, one
            assert re.fullmatch(DEVICES[farm.name], one.gpus or ""), one
        elif one.node:  # else it ran beside Snakemake
            assert one.node in cpu, one
            assert one.gpus in NONE, one


def check_in_turn(seen: list[Seen]) -> None:
    """Of the processes of one job, none began before the one before it had ended."""
    for job in {one.job for one in seen if one.job}:
        mine = sorted((one for one in seen if one.job == job), key=lambda one: one.times[0])
        assert all(one.times[-1] <= after.times[0] for one, after in pairwise(mine)), mine
    assert max(Counter(one.job for one in seen if one.job).values()) > 1


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the small workflow ends with on a laptop."""
    folder = create(tmp_path_factory.mktemp("smoke") / "local", 1000)
    projects.run(folder)
    return content(folder)


def test_the_workflow_has_the_bytes_of_a_laptop(farm: Farm, smoke: dict[str, bytes], tmp_path: Path) -> None:
    project = create(tmp_path / "project", 1000)
    before = {job.id for job in farm.found()}
    with Watch(project) as watch:
        farms.run(farm, project)
    assert content(project) == smoke
    check_places(farm, list(watch.seen.values()))
    assert {one.module for one in watch.seen.values() if one.node} >= {"snakeroot.features", "snakeroot.train"}
    jobs = Counter(job.rule for job in farm.found() if job.id not in before)
    assert not set(jobs) & LOCAL
    # two ntuples, their parts of the split, the predictions of the three splits and the figures went together
    for group in GROUPS:
        assert sum(number for name, number in jobs.items() if name.startswith(f"{group}_")) == 1, jobs
    check_in_turn(list(watch.seen.values()))
    assert "Nothing to be done" in farms.run(farm, project)


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default tasks at a small size, finished on a laptop."""
    tasks = yaml.safe_load((projects.REPOSITORY / "config/config.yaml").read_text())["tasks"]
    folder = shipped.small(
        tmp_path_factory.mktemp("default") / "local",
        *tasks,
        epochs=5,
        resources=dict.fromkeys((*STAGES, "generate"), ASK),
    )
    projects.run(folder)
    return folder


@pytest.mark.slow
def test_the_default_tasks_have_the_bytes_of_a_laptop(farm: Farm, default: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(default, project, ignore=shutil.ignore_patterns(*MADE))
    farms.run(farm, project, limit=1500)
    assert shipped.digests(project) == shipped.digests(default)
    assert "Nothing to be done" in farms.run(farm, project)


def searching(folder: Path) -> Path:
    """A search of two rounds of eight trials, on the A100s of the farm, of which there are two."""
    tuning = {
        "sampler": "random",
        "rounds": 2,
        "trials_per_round": 8,
        "training": {"max_epochs": 3},
        "space": {"training.learning_rate": {"float": [1e-4, 1e-1], "log": True}},
    }
    create(folder, 1000, tuning=tuning)
    resources = {**dict.fromkeys(STAGES, ASK), "tune": {**ASK, "memory_MB": 1000, "gpu_model": "a100"}}
    projects.write_yaml(folder / "config/config.yaml", {"tasks": ["first"], "resources": resources})
    return folder


BEST = "results/first/models/net/tuning/best.json"


@pytest.mark.slow
def test_a_search_on_two_gpus_one_of_whose_trials_is_cancelled(farm: Farm, tmp_path: Path) -> None:
    local = searching(tmp_path / "local")
    projects.run(local, BEST)
    project = searching(tmp_path / "project")
    first = {job.id for job in farm.found()}

    def trials(*states: str) -> list[str]:
        jobs = [job for job in farm.found() if job.id not in first and job.rule == "trials"]
        return [job.id for job in jobs if job.state in states]

    with Watch(project) as watch, farms.started(farm, project, BEST) as snakemake:
        wait_until("eight trials are in flight", lambda: len(trials("pending", "running")) == 8, 120, 0.5)
        wait_until("a trial is running", lambda: bool(trials("running")), 60, 0.1)
        farm.cancel(trials("running")[0])
        snakemake.wait(500)
    assert snakemake.returncode == 0, (project / "snakemake.log").read_text()[-6000:]
    assert content(project) == content(local)
    assert len(trials("done")) == 16
    assert len(trials("failed")) == 1
    seen = list(watch.seen.values())
    check_places(farm, seen)
    on = [one for one in seen if one.module == "snakeroot.tune.trials"]
    assert len({(one.node, one.gpus) for one in on}) == 2
    for one in on:
        for other in on:
            apart = one.times[0] > other.times[-1] or other.times[0] > one.times[-1]
            assert one is other or apart or one.gpus != other.gpus, "two trials on one GPU at once"
