"""One training on two nodes: the bytes of as many processes on one, also after a node has died in the middle of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import projects
import psutil
import pytest
from cluster import farm as farms
from cluster.conftest import ASK, BEFORE, NETWORK, RECORD, content, create
from cluster.farm import Farm, Watch
from cluster.processes import wait_until
from cluster.test_accidents import Trainings, finish
from snakeroot.data.files import read_json

EPOCHS, SAVED = 40, 10
"""How many there are, and after how many each a checkpoint is written."""
CPU = {"accelerator": "cpu", "nodes": 2}

pytestmark = pytest.mark.slow


@pytest.fixture
def slurm(farm: Farm) -> Farm:
    if farm.name != "slurm":
        pytest.skip("a test of SLURM")
    return farm


class Together:
    """A project whose training is what is left to do, and what it ends with on one machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        settings = {"max_epochs": EPOCHS, "patience": EPOCHS, "batch_size": 256}
        settings |= {"checkpoint_minutes": 60, "checkpoint_epochs": SAVED}
        self.ready = create(folder / "ready", 20_000, architecture="mlp", dropout=0.1, training=settings)
        projects.run(self.ready, *BEFORE)
        self._known: dict[int, dict[str, bytes]] = {}

    def one(self, processes: int) -> dict[str, bytes]:
        """What it ends with, trained by so many processes on this machine."""
        if processes not in self._known:
            said = projects.dry_run(self.ready, NETWORK, "-p")
            found = re.search(r"(python -m snakeroot\.train .*?)&> ", said)
            assert found, said
            folder = self.copy(self.folder / f"one-{processes}")
            words = f"{found[1]} --accelerator cpu --gpus {processes} --nodes 1"
            subprocess.run(["bash", "-c", words], cwd=folder, env=own(folder), check=True, capture_output=True)
            self._known[processes] = content(folder)
        return self._known[processes]

    def copy(self, folder: Path, **config: object) -> Path:
        """The same project, whose training asks for something else."""
        shutil.copytree(self.ready, folder, symlinks=True)
        known = {"tasks": ["first"], "resources": {"train": ASK}}
        projects.write_yaml(folder / "config/config.yaml", {**known, **config})
        return folder


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Together:
    """Of some seconds."""
    return Together(tmp_path_factory.mktemp("nodes"))


def own(folder: Path) -> dict[str, str]:
    """An environment whose python is this one, with the package of a project."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PYTHONPATH": str(folder / "workflow"), "PATH": path}


def test_two_nodes_have_the_bytes_of_one(farm: Farm, training: Together, tmp_path: Path) -> None:
    """On HTCondor, the two may be parts of one machine."""
    project = training.copy(tmp_path / "project", **CPU)
    with Watch(project) as watch:
        farms.run(farm, project, NETWORK)
    assert content(project) == training.one(2)
    on = [seen.node for seen in watch.seen.values() if seen.module == "snakeroot.train"]
    # on SLURM one that waits, and a torchrun on each node
    assert sorted(on) == {"slurm": ["n1", "n1", "n2"], "htcondor": ["cpu", "cpu"]}[farm.name]
    record = read_json(project / RECORD)
    assert (record["nodes"], record["processes"]) == (2, 2)
    if farm.name == "slurm":
        check_four(training, record["command"], tmp_path / "again")


def check_four(training: Together, command: list[str], project: Path) -> None:
    """Check two processes on each of two nodes, which the rule has only where there are GPUs."""
    training.copy(project)
    words = ["python", "-m", "snakeroot.train", *command[1:], "--node-gpus", "2"]
    batch = ["sbatch", "--wait", "--nodes=2", "--ntasks=2", "--cpus-per-task=2", "--mem=2000", "--time=5"]
    subprocess.run(
        [*batch, "--wrap", shlex.join(words)], cwd=project, env=own(project), check=True, capture_output=True
    )
    assert content(project) == training.one(4)
    assert training.one(4) != training.one(2)


def test_each_node_has_its_gpus(slurm: Farm, training: Together, tmp_path: Path) -> None:
    """No driver knows these, so the training fails; on several machines the CPU will not do instead."""
    project = training.copy(tmp_path / "project", nodes=2, gpus=2)
    with Watch(project) as watch, farms.started(slurm, project, NETWORK, "--retries", "0") as snakemake:
        assert snakemake.wait(400) == 1
    on = [(seen.node, seen.gpus) for seen in watch.seen.values() if seen.module == "snakeroot.train"]
    assert {("n3", "0,1"), ("n4", "0,1")} == set(on), on
    said = (project / "snakemake.log").read_text()
    assert "accelerator: cuda, but this job has no GPU" in said
    assert "the training on 2 machines was ended before its time; what is above says why" in said


def test_one_of_two_nodes_dies(slurm: Farm, training: Together, tmp_path: Path) -> None:
    project = training.copy(tmp_path / "project", **CPU)
    trainings = Trainings(slurm, project)
    with farms.started(slurm, project, NETWORK) as snakemake:
        trainings.under_way(SAVED + 1)
        assert slurm.kill_node("n2") > 3
        try:
            wait_until("the job has failed", lambda: bool(trainings.jobs("failed")), 90)
        finally:
            slurm.revive("n2")
        finish(snakemake, project)
    trainings.check_resumed(EPOCHS, SAVED)
    assert content(project) == training.one(2)


def test_a_process_of_the_second_node_is_killed(farm: Farm, training: Together, tmp_path: Path) -> None:
    project = training.copy(tmp_path / "project", **CPU)
    trainings = Trainings(farm, project)
    with farms.started(farm, project, NETWORK) as snakemake:
        trainings.under_way(SAVED + 1)
        [second] = [process for process in psutil.process_iter() if is_rank(process, 1, project)]
        second.kill()
        said = finish(snakemake, project)
    assert "error: process 1 of 2 was killed by signal 9\n" in said
    assert "error: the training on 2 machines was ended before its time; what is above says why\n" in said
    assert "Traceback" not in said
    trainings.check_resumed(EPOCHS, SAVED)
    assert content(project) == training.one(2)


def is_rank(process: psutil.Process, rank: int, project: Path) -> bool:
    """Whether a process is this one of those that train a project's network."""
    try:
        return process.cwd() == str(project.resolve()) and process.environ().get("RANK") == str(rank)
    except psutil.Error:
        return False


def test_a_sigterm_of_slurm_finds_the_processes_of_both_nodes(slurm: Farm, training: Together, tmp_path: Path) -> None:
    """As at the time limit: to all steps, and not to the script. The checkpoint is between two of the regular ones."""
    project = training.copy(tmp_path / "project", **CPU)
    trainings = Trainings(slurm, project)
    with farms.started(slurm, project, NETWORK) as snakemake:
        job = trainings.under_way(SAVED + 1)
        subprocess.run(["scancel", "--signal=TERM", job.id], check=True)
        wait_until("the job has failed", lambda: bool(trainings.jobs("failed")), 90, 0.1)
        epoch = trainings.epoch()
        finish(snakemake, project)
    trainings.check_resumed(EPOCHS, epoch)
    assert content(project) == training.one(2)
